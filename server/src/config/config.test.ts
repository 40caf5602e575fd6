import { expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const complete = {
  DATABASE_URL: 'postgres://db/livelot',
  REDIS_URL: 'redis://cache',
  MEDIA_CONTROL_SECRET: 'sixteen-letters-or-more',
  PAYMENT_API_KEY: 'sixteen-letters-or-more',
  PAYMENT_WEBHOOK_SECRET: 'whsec_c2l4dGVlbg==',
  AUTH_PRIVATE_KEY: 'x'.repeat(64),
  PUBLIC_URL: 'https://shop.example/',
}

const messageOf = (env: Record<string, string | undefined>): string => {
  try {
    readConfig(env)
    return 'accepted'
  } catch (error) {
    return error instanceof ConfigError ? error.message : String(error)
  }
}

it('fills in what a deployer need not say', () => {
  const config = readConfig(complete)
  expect(config).toMatchObject({
    mode: 'production',
    redis: { url: 'redis://cache', queueUrl: 'redis://cache' },
    http: { host: '127.0.0.1', port: 3000, trustProxyHops: 0 },
    publicUrl: 'https://shop.example',
    allowedOrigins: ['https://shop.example'],
  })
})

it('tells all problems at once and no secret', () => {
  const message = messageOf({
    ...complete,
    DATABASE_URL: 'mysql://secret-host',
    REDIS_URL: undefined,
    HTTP_PORT: '70000',
    MEDIA_CONTROL_SECRET: 'short',
  })
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'HTTP_PORT', 'MEDIA_CONTROL_SECRET'])
    expect(message).toContain(`${name}:`)
  expect(message).not.toContain('secret-host')
})

it.each([
  '*',
  'https://shop.example/',
  'shop.example',
  'https://a.example,',
  "https://a.example; script-src 'unsafe-inline'",
])('refuses %s as a site that may call', (origins) => {
  expect(messageOf({ ...complete, ALLOWED_ORIGINS: origins })).toContain('ALLOWED_ORIGINS')
})

it('takes several sites that may call', () => {
  const { allowedOrigins } = readConfig({ ...complete, ALLOWED_ORIGINS: 'https://a.example, http://b.example:8080' })
  expect(allowedOrigins).toEqual(['https://a.example', 'http://b.example:8080'])
})

it('takes an empty variable for one that is not set', () => {
  expect(readConfig({ ...complete, REDIS_QUEUE_URL: '', LOG_LEVEL: '' }).redis.queueUrl).toBe('redis://cache')
})

it('refuses plain http in production, but not on the own machine', () => {
  expect(messageOf({ ...complete, PUBLIC_URL: 'http://shop.example' })).toContain('must be https in production')
  expect(messageOf({ ...complete, PUBLIC_URL: 'http://localhost:3000' })).toBe('accepted')
})

it('lets nobody send faster than the limits in production', () => {
  const hasty = { ...complete, SOCKETS_PACE_FACTOR: '100' }
  expect(messageOf({ ...hasty, LIVELOT_MODE: 'embedded' })).toBe('accepted')
  expect(messageOf({ ...hasty, LIVELOT_MODE: 'production' })).toContain('SOCKETS_PACE_FACTOR')
})

it('lets nobody order failpoints in production', () => {
  const ordered = { ...complete, FAILPOINTS_FILE: '/tmp/orders.json' }
  expect(messageOf({ ...ordered, LIVELOT_MODE: 'embedded' })).toBe('accepted')
  expect(messageOf({ ...ordered, LIVELOT_MODE: 'production' })).toContain('FAILPOINTS_FILE')
})
