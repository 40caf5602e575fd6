import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { TestApi, watch } from './support/api.ts'
import { showIdOf } from './support/fixtures.ts'
import { afterTest, freePorts, secret } from './support/node.ts'

const bin = fileURLToPath(new URL('../bin/media.ts', import.meta.url))

interface LogLine {
  readonly level: number
  readonly msg: string
  readonly controlPort?: number
}

const runMedia = async (env: Record<string, string> = {}) => {
  const rtcBasePort = await freePorts(1)
  const child = spawn(process.execPath, ['--conditions=source', bin], {
    env: {
      PATH: process.env.PATH,
      MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN,
      MEDIA_CONTROL_SECRET: secret,
      MEDIA_CONTROL_PORT: '0',
      MEDIA_RTC_BASE_PORT: String(rtcBasePort),
      MEDIA_WORKERS: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  afterTest(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const lines: LogLine[] = []
  const ready = Promise.withResolvers<LogLine>()
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as LogLine
    lines.push(line)
    if (line.msg === 'ready') ready.resolve(line)
  })
  return { child, ended, lines, ready: ready.promise }
}

describe('the media process', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('stops cleanly on %s and tells its peers', async (signal) => {
    const { child, ended, lines, ready } = await runMedia()
    const { controlPort } = await ready
    const api = await TestApi.connect({ url: `ws://127.0.0.1:${controlPort}` })
    const viewer = await watch(api, showIdOf())
    const workerPid = (await api.ask('node-stats', {})).workers[0]?.pid ?? 0
    const closed = once(api.socket, 'close')
    child.kill(signal)
    expect((await api.next('rejoin', viewer.peerId)).reason).toBe('node-stopping')
    expect((await closed)[0]).toBe(4503)
    expect(await ended).toEqual({ code: 0, signal: null })
    await expect.poll(() => isRunning(workerPid)).toBe(false)
    expect(lines.filter(({ level }) => level > 40)).toEqual([])
  })

  test('does not start without a secret, or with an address that no browser can reach, and says why', async () => {
    const { ended, lines } = await runMedia({ MEDIA_CONTROL_SECRET: '', MEDIA_LISTEN_IP: '0.0.0.0' })
    expect(await ended).toEqual({ code: 1, signal: null })
    expect(lines.map(({ msg }) => msg)).toEqual([
      'MEDIA_CONTROL_SECRET must be set: the API proves with it that it may give orders.',
    ])
    const second = await runMedia({ MEDIA_LISTEN_IP: '0.0.0.0' })
    expect(await second.ended).toEqual({ code: 1, signal: null })
    expect(second.lines).toHaveLength(1)
    expect(second.lines[0]?.msg).toContain('set MEDIA_ANNOUNCED_ADDRESS')
  })

  test('names the port that is taken, of control or of a worker', async () => {
    const taken = createServer()
    const takenPort = await freePorts(1)
    taken.listen(takenPort, '127.0.0.1')
    await once(taken, 'listening')
    afterTest(async () => void taken.close())
    const control = await runMedia({ MEDIA_CONTROL_PORT: String(takenPort) })
    expect(await control.ended).toEqual({ code: 1, signal: null })
    expect(control.lines.at(-1)?.msg).toContain(`control port 127.0.0.1:${takenPort} cannot be opened`)
    const rtc = await runMedia({ MEDIA_RTC_BASE_PORT: String(takenPort) })
    expect(await rtc.ended).toEqual({ code: 1, signal: null })
    expect(rtc.lines.at(-1)?.msg).toContain(`cannot listen on 127.0.0.1 port ${takenPort}`)
  })
})

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
