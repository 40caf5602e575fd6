import { describe, expect, test } from 'vitest'
import { checkAnnouncedAddress, type MediaConfig, MediaConfigError, readMediaConfig } from '../src/config.ts'

const good = { MEDIA_CONTROL_SECRET: 'sixteen-letters-or-more', MEDIASOUP_WORKER_BIN: process.execPath }

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readMediaConfig({ ...good, ...env })
    return []
  } catch (error) {
    if (error instanceof MediaConfigError) return error.problems
    throw error
  }
}

describe('the configuration', () => {
  test('has defaults for one machine', () => {
    expect(readMediaConfig({ ...good, MEDIA_WORKERS: '2' })).toEqual({
      controlHost: '127.0.0.1',
      controlPort: 3100,
      controlSecret: good.MEDIA_CONTROL_SECRET,
      listenIp: '127.0.0.1',
      announcedAddress: undefined,
      rtcBasePort: 20_000,
      workers: 2,
      workerBin: process.execPath,
      turn: undefined,
      logLevel: 'info',
    })
  })

  test('takes empty variables as absent', () => {
    expect(problemsOf({ MEDIA_ANNOUNCED_ADDRESS: '', MEDIA_WORKERS: '' })).toEqual([])
  })

  test('tells all that is wrong at once', () => {
    const problems = problemsOf({ MEDIA_CONTROL_SECRET: 'short', MEDIA_WORKERS: '0', MEDIA_LISTEN_IP: 'here' })
    expect(problems.map((problem) => problem.split(' ', 1)[0])).toEqual([
      'MEDIA_CONTROL_SECRET',
      'MEDIA_LISTEN_IP',
      'MEDIA_WORKERS',
    ])
  })

  test.each([
    ['any address without an announced one', { MEDIA_LISTEN_IP: '0.0.0.0' }, 'MEDIA_LISTEN_IP is 0.0.0.0'],
    ['any address, version 6', { MEDIA_LISTEN_IP: '::' }, 'MEDIA_LISTEN_IP is ::'],
    ['an announced any address', { MEDIA_ANNOUNCED_ADDRESS: '0.0.0.0' }, 'MEDIA_ANNOUNCED_ADDRESS is 0.0.0.0'],
    ['half an address', { MEDIA_ANNOUNCED_ADDRESS: '203.0.113' }, 'MEDIA_ANNOUNCED_ADDRESS "203.0.113" is neither'],
    ['a URL', { MEDIA_ANNOUNCED_ADDRESS: 'http://a.example' }, 'MEDIA_ANNOUNCED_ADDRESS "http://a.example" is neither'],
    ['a port among the outgoing ones', { MEDIA_RTC_BASE_PORT: '32500' }, 'MEDIA_RTC_BASE_PORT is too high'],
    [
      'a binary that is not there',
      { MEDIASOUP_WORKER_BIN: '/nowhere/worker' },
      'There is no runnable mediasoup worker',
    ],
    ['TURN without its secret', { MEDIA_TURN_URLS: 'turn:a.example' }, 'MEDIA_TURN_URLS and MEDIA_TURN_SECRET'],
  ])('refuses %s', (_name, env, sentence) => {
    const problems = problemsOf(env)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(sentence)
  })

  test('refuses a host name that does not resolve, and takes one that does', async () => {
    const announce = (announcedAddress: string) => checkAnnouncedAddress({ announcedAddress } as MediaConfig)
    await expect(announce('no-such-host.invalid')).rejects.toThrow('cannot be resolved')
    await expect(announce('localhost')).resolves.toBeUndefined()
    await expect(announce('203.0.113.7')).resolves.toBeUndefined()
  })
})
