import { expect, test } from 'vitest'
import { isInstalled } from './packages.mjs'
import { platformEnvironment, withoutNpmVariables } from './platform-environment.mjs'
import { portFrom } from './ports.mjs'
import { requireNode, SetupProblem, sentenceOf, tellsOfFullDisk, tellsOfUnreachableRegistry } from './problems.mjs'
import { parseDemo } from './supervisor.mjs'
import { durationText } from './terminal.mjs'
import { alignedRows } from './welcome.mjs'

const lock = (packages: Record<string, { version?: string; link?: boolean; optional?: boolean }>) => ({ packages })

test('packages count as installed only when every one has the version that the lock file asks for', () => {
  const wanted = lock({
    '': {},
    server: { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/@livelot/server': { link: true },
    'node_modules/only-elsewhere': { version: '1.0.0', optional: true },
  })
  const installed = lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/@livelot/server': {} })
  expect(isInstalled(wanted, installed)).toBe(true)
  expect(isInstalled(wanted, lock({ 'node_modules/@livelot/server': {} }))).toBe(false)
  const older = lock({ ...installed.packages, 'node_modules/a': { version: '0.9.0' } })
  expect(isInstalled(wanted, older)).toBe(false)
  expect(isInstalled(wanted, undefined)).toBe(false)
})

test('expected failures are told in one sentence, others are not hidden', () => {
  expect(sentenceOf(new SetupProblem('Do this.'))).toBe('Do this.')
  expect(sentenceOf(Object.assign(new Error('write'), { code: 'ENOSPC' }))).toMatch(/^The disk is full: /)
  expect(sentenceOf(Object.assign(new Error('open'), { code: 'EACCES', path: '/data/file' }))).toMatch(
    /may not write in \/data: /,
  )
  expect(sentenceOf(new TypeError('x is not a function'))).toBeUndefined()
})

test('what programs say about full disks and unreachable registries is understood', () => {
  expect(tellsOfFullDisk('npm error code ENOSPC')).toBe(true)
  expect(tellsOfFullDisk('fatal error: error writing to x.s: No space left on device')).toBe(true)
  expect(tellsOfFullDisk('npm error code E404')).toBe(false)
  expect(tellsOfUnreachableRegistry('npm error code EAI_AGAIN')).toBe(true)
  expect(tellsOfUnreachableRegistry('npm error code EUSAGE')).toBe(false)
})

test('a Node that is too old is refused with what to do', () => {
  expect(() => requireNode('18.20.4')).toThrow('Node 18.20.4 is too old: install Node 20 or newer')
  expect(() => requireNode('20.0.0')).not.toThrow()
})

test('a port that is none is refused, an empty one is the default', () => {
  expect(portFrom({}, 'HTTP_PORT', 3000)).toBe(3000)
  expect(portFrom({ HTTP_PORT: '' }, 'HTTP_PORT', 3000)).toBe(3000)
  expect(portFrom({ HTTP_PORT: '8080' }, 'HTTP_PORT', 3000)).toBe(8080)
  for (const value of ['abc', '0', '70000', '80.5']) {
    expect(() => portFrom({ HTTP_PORT: value }, 'HTTP_PORT', 3000)).toThrow(`HTTP_PORT=${value} is not a port`)
  }
})

const facts = {
  root: '/checkout',
  dataDir: '/data',
  ports: { http: [4000, 4001], mediaControl: 4100, sandbox: 4200, rtcBase: 20_000, postgres: 21_000, redis: 21_001 },
  secrets: {
    databasePassword: 'd',
    redisPassword: 'r',
    mediaControlSecret: 'm',
    paymentApiKey: 'p',
    paymentWebhookSecret: 'w',
    authPrivateKey: 'a',
  },
  databaseUrl: 'postgres://x',
  redisUrl: 'redis://x',
  mediaWorker: '/worker',
  given: {},
}

test('every process learns the same addresses, and each API address is an allowed origin', () => {
  const env = platformEnvironment(facts)
  expect(env.PUBLIC_URL).toBe('http://localhost:4000')
  expect(env.ALLOWED_ORIGINS).toBe(
    'http://localhost:4000,http://127.0.0.1:4000,http://localhost:4001,http://127.0.0.1:4001',
  )
  expect(env.SANDBOX_ALLOWED_ORIGINS).toBe(env.ALLOWED_ORIGINS)
  expect(env.SANDBOX_WEBHOOK_URL).toBe('http://127.0.0.1:4000/v1/webhooks/payments')
  expect(env.MEDIA_CONTROL_URL).toBe('ws://127.0.0.1:4100')
})

test('what the caller gives wins, an empty value means the default, and the log keeps telling when it is ready', () => {
  const given = { PUBLIC_URL: 'https://shop.example', HTTP_HOST: '0.0.0.0', PAYMENT_URL: '', LOG_LEVEL: 'silent' }
  const env = platformEnvironment({ ...facts, given })
  expect(env.HTTP_HOST).toBe('0.0.0.0')
  expect(env.ALLOWED_ORIGINS?.startsWith('https://shop.example,')).toBe(true)
  expect(env.PAYMENT_URL).toBe('http://127.0.0.1:4200')
  expect(env.LOG_LEVEL).toBe('info')
  expect(() => platformEnvironment({ ...facts, given: { PUBLIC_URL: 'shop' } })).toThrow('PUBLIC_URL=shop')
})

test('what npm adds to the environment does not reach the platform', () => {
  expect(
    withoutNpmVariables({ npm_config_cache: 'x', INIT_CWD: '/', NODE: 'n', NODE_OPTIONS: 'o', PATH: 'p' }),
  ).toEqual({ NODE_OPTIONS: 'o', PATH: 'p' })
})

test('the demo is the last line of JSON that tells sign-ins', () => {
  const demo = { signIns: [{ who: 'creator', email: 'a@b.c', password: 'x' }], links: [{ what: 'Studio', path: '/s' }] }
  expect(parseDemo(`{"msg":"seeding"}\n${JSON.stringify(demo)}\nnot json\n`)).toEqual(demo)
  expect(parseDemo('{"msg":"ready"}\n')).toBeUndefined()
})

test('durations and columns read well', () => {
  expect([durationText(240), durationText(9_940), durationText(200_400)]).toEqual(['0.2 s', '9.9 s', '3 min 20 s'])
  expect(
    alignedRows([
      ['a', 'bbb'],
      ['aaaa', 'b'],
    ]),
  ).toEqual(['a      bbb', 'aaaa   b'])
})
