import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readMediaConfig } from '../../media/src/config.ts'
import { parseSandboxConfig } from '../sandbox/payments/config.ts'
import { readConfig } from '../src/config/config.ts'

const root = new URL('../../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, root), 'utf8')
const folder = 'deploy/kubernetes/base'
const secretFile = 'deploy/kubernetes/secret.example.yaml'
const manifests = readdirSync(new URL(folder, root)).filter((file) => file !== 'kustomization.yaml')

type Environment = Record<string, string>

/** Fits what its name stands for: a deployer's own values are not in these files. */
const given: Environment = {
  DATABASE_URL: 'postgres://livelot:secret@postgres:5432/livelot',
  REDIS_URL: 'redis://:secret@redis:6379',
  PUBLIC_URL: 'https://shop.example.com',
  PAYMENT_PUBLIC_URL: 'https://pay.example.com',
  MEDIA_CONTROL_SECRET: 'sixteen-letters-or-more',
  MEDIA_ANNOUNCED_ADDRESS: 'media.example.com',
  PAYMENT_API_KEY: 'sixteen-letters-or-more',
  PAYMENT_WEBHOOK_SECRET: `whsec_${'c2l4dGVlbg'.repeat(4)}`,
  POSTGRES_PASSWORD: 'secret',
  REDIS_PASSWORD: 'secret',
  AUTH_PRIVATE_KEY: 'x'.repeat(64),
  'status.hostIP': '10.0.0.7',
}
const valueFor = (name: string): string => given[name] ?? expect.fail(`${name} is nobody's to give`)

const namesIn = (file: string) => [...read(file).matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map((found) => found[1] ?? '')
const known = {
  server: namesIn('server/src/config/config.ts'),
  media: namesIn('media/src/config.ts'),
  sandbox: namesIn('server/sandbox/payments/config.ts'),
}

/** What each kind of process makes of an environment; throws with all that is wrong. */
const configure = {
  server: (env: Environment) => void readConfig(env),
  // Any program that can be run stands for the SFU's worker, which the image brings.
  media: (env: Environment) => void readMediaConfig({ ...env, MEDIASOUP_WORKER_BIN: process.execPath }),
  sandbox: (env: Environment) => void parseSandboxConfig(env),
}

/** The lines `  NAME: value` of a block; comments and everything else are left out. */
function pairsOf(block: string): [string, string][] {
  const lines = [...block.matchAll(/^ +([A-Z][A-Z0-9_]*):(?: +(.*))?$/gm)]
  return lines.map(([, name = '', value = '']) => [name, value.replace(/^(["'])(.*)\1$/, '$2')])
}

describe('the manifests for Kubernetes', () => {
  const documents = manifests.flatMap((file) =>
    read(`${folder}/${file}`)
      .split(/^---$/m)
      .map((text) => ({
        file,
        text,
        kind: /^kind: (\w+)$/m.exec(text)?.[1],
        name: /^ {2}name: ([\w-]+)$/m.exec(text)?.[1],
      })),
  )
  const documentOf = (kind: string, name: string) =>
    documents.find((one) => one.kind === kind && one.name === name)?.text ?? expect.fail(`There is no ${kind} ${name}`)
  const configMap = Object.fromEntries(pairsOf(documentOf('ConfigMap', 'livelot')))
  const secret = Object.fromEntries(pairsOf(read(secretFile)))

  /** All that a container has in its environment, with values for what is given elsewhere. */
  const environmentOf = (text: string): Environment => {
    const env: Environment = {}
    if (text.includes('- configMapRef: { name: livelot }')) Object.assign(env, configMap)
    if (text.includes('- secretRef: { name: livelot }'))
      for (const name of Object.keys(secret)) env[name] = valueFor(name)
    for (const [line, name = ''] of text.matchAll(/^ +- \{ name: ([A-Z][A-Z0-9_]*), .*\}$/gm)) {
      const [, value] = / value: "([^"]*)" \}$/.exec(line) ?? []
      const [, key] = /secretKeyRef: \{ name: livelot, key: (\w+) \}/.exec(line) ?? []
      const [, field] = /fieldRef: \{ fieldPath: ([\w.]+) \}/.exec(line) ?? []
      if (key !== undefined) expect(Object.keys(secret)).toContain(key)
      env[name] = value ?? valueFor(key ?? field ?? name)
    }
    return env
  }
  const processes = [
    { name: 'api', kind: 'server', port: 'HTTP_PORT', host: 'HTTP_HOST' },
    { name: 'worker', kind: 'server', port: 'WORKER_HTTP_PORT', host: 'WORKER_HTTP_HOST' },
    { name: 'media', kind: 'media', port: 'MEDIA_CONTROL_PORT', host: 'MEDIA_CONTROL_HOST' },
  ] as const

  it('are well formed, and the base has each of them', () => {
    for (const { file, text, kind, name } of documents) {
      expect([kind, name], file).toEqual([expect.any(String), expect.any(String)])
      expect(text, file).toMatch(/^apiVersion: \S+$/m)
      // A variable that is written in another form would not be seen below.
      expect(text, file).not.toMatch(/^ +- name: [A-Z]/m)
      expect(
        text.split('\n').filter((line) => /\t|\s$/.test(line) || /^(?: {2})* [^ ]/.test(line)),
        file,
      ).toEqual([])
    }
    const listed = [...read(`${folder}/kustomization.yaml`).matchAll(/^ {2}- ([\w.-]+\.yaml)$/gm)].map(
      ([, file]) => file,
    )
    expect(listed.sort()).toEqual([...manifests].sort())
  })

  it.each(processes)('give $name what it reads, all that it needs and nothing that nobody reads', ({ name, kind }) => {
    const env = environmentOf(documentOf('Deployment', name))
    expect(Object.keys(env).filter((one) => !(known[kind] as readonly string[]).includes(one))).toEqual([])
    expect(() => configure[kind](env)).not.toThrow()
  })

  it.each(processes)('probe $name where it listens, on paths that it serves, as nobody of importance', (process) => {
    const text = documentOf('Deployment', process.name)
    const env = environmentOf(text)
    const probe = (kind: string) =>
      new RegExp(`${kind}Probe:\\n +httpGet: \\{ path: (\\S+), port: (\\d+) \\}`).exec(text)
    expect(probe('readiness')?.slice(1)).toEqual(['/readyz', env[process.port]])
    expect(probe('liveness')?.slice(1)).toEqual(['/healthz', env[process.port]])
    expect(text).toContain(`containerPort: ${env[process.port]}`)
    expect(env[process.host]).not.toBe('127.0.0.1')
    for (const line of ['runAsNonRoot: true', 'readOnlyRootFilesystem: true', 'allowPrivilegeEscalation: false'])
      expect(text).toContain(line)
    expect(text).toContain('terminationGracePeriodSeconds: 40')
  })

  it('probe paths that the processes serve', () => {
    for (const file of [
      'server/src/edge/http/app.ts',
      'server/src/edge/http/status-server.ts',
      'media/src/control-server.ts',
    ])
      for (const path of ['/healthz', '/readyz']) expect(read(file), file).toContain(`'${path}'`)
    expect(read('server/sandbox/payments/routes.ts')).toContain("'/healthz'")
  })

  it('migrate with the address of the database alone, and hold no secret', () => {
    expect(environmentOf(documentOf('Job', 'migrate'))).toEqual({ DATABASE_URL: given.DATABASE_URL })
    expect(new Set(Object.values(secret))).toEqual(new Set(['']))
  })

  it('let policies, services and budgets name processes that are there', () => {
    const named = documents.flatMap(({ text }) => [...text.matchAll(/app\.kubernetes\.io\/name: (\w+)/g)])
    for (const [, name] of named) expect(['api', 'worker', 'media', 'migrate']).toContain(name)
    for (const kind of ['NetworkPolicy', 'PodDisruptionBudget'])
      for (const name of ['api', 'worker']) documentOf(kind, name)
  })
})

describe('docker-compose.yml', () => {
  const compose = read('docker-compose.yml')
  const shared = /^x-server-environment:[^\n]*\n((?: .*\n)+)/m.exec(compose)?.[1] ?? ''
  const servicesText = compose.slice(compose.indexOf('\nservices:\n'), compose.indexOf('\nconfigs:\n'))
  const services = new Map(
    [...servicesText.matchAll(/^ {2}([\w-]+):\n((?: {4}.*\n|\n| {2}#.*\n)+)/gm)].map(([, name = '', text = '']) => [
      name,
      text,
    ]),
  )
  const environmentOf = (name: string): Environment => {
    const text = services.get(name) ?? expect.fail(`There is no service ${name}`)
    const block = /^ {4}environment:(.*)\n((?: {6}.*\n)*)/m.exec(text) ?? []
    const isShared = /\*server-environment/.test(`${block[1]}${block[2]}`)
    const pairs = [...(isShared ? pairsOf(shared) : []), ...pairsOf(block[2] ?? '')]
    const filled = pairs.map(([key, value]): [string, string] => [
      key,
      value.replace(/\$\{(\w+):([?-])([^}]*)\}/g, (_all, variable: string, how: string, rest: string) =>
        how === '-' ? rest : valueFor(variable),
      ),
    ])
    return Object.fromEntries(filled)
  }
  const cases = [
    { name: 'api', kind: 'server', port: '3000', path: '/readyz' },
    { name: 'worker', kind: 'server', port: '3400', path: '/readyz' },
    { name: 'seed', kind: 'server', port: undefined, path: undefined },
    { name: 'media', kind: 'media', port: '3100', path: '/readyz' },
    { name: 'payment-sandbox', kind: 'sandbox', port: '3200', path: '/healthz' },
  ] as const

  it.each(cases)('gives $name what it reads, and looks at it where it listens', ({ name, kind, port, path }) => {
    const env = environmentOf(name)
    expect(Object.keys(env).filter((one) => !(known[kind] as readonly string[]).includes(one))).toEqual([])
    expect(() => configure[kind](env)).not.toThrow()
    const probe = /fetch\('http:\/\/127\.0\.0\.1:(\d+)(\/\w+)'\)/.exec(services.get(name) ?? '')
    expect([probe?.[1], probe?.[2]]).toEqual([port, path])
    if (name === 'worker') expect(env.WORKER_HTTP_PORT).toBe(port)
  })

  it('migrates with an address, and keeps what was promised in Redis and silence in Postgres', () => {
    expect(environmentOf('migrate').DATABASE_URL).toBe('postgres://livelot:secret@postgres:5432/livelot')
    const redis = services.get('redis') ?? ''
    for (const setting of ['--appendonly yes', '--appendfsync always', '--maxmemory-policy noeviction'])
      expect(redis).toContain(setting)
    expect(services.get('postgres')).toContain('log_error_verbosity=terse')
  })
})
