import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { auctionLimits } from '@livelot/client/contracts'
import { z } from 'zod'

const url = (schemes: RegExp) => z.url({ protocol: schemes })
// As browsers send it: anything else would never match, and these go into the content security policy.
const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  message: 'must be scheme, host and port only, without a path or a slash at the end',
})
const port = z.coerce.number().int().min(0).max(65_535)
const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

const webDist = fileURLToPath(new URL('../../../web/dist', import.meta.url))
const secret = z.string().min(16, 'must have at least 16 characters')

/** One line an environment variable; server/docs/operations.md tells them to deployers. */
const Environment = z.object({
  LIVELOT_MODE: z.enum(['embedded', 'production']).default('production'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: url(/^postgres(ql)?$/),
  DATABASE_POOL_SIZE: count(1, 200).default(16),
  REDIS_URL: url(/^rediss?$/),
  REDIS_QUEUE_URL: url(/^rediss?$/).optional(),
  HTTP_HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: port.default(3000),
  PUBLIC_URL: url(/^https?$/).default('http://localhost:3000'),
  ALLOWED_ORIGINS: z
    .string()
    .transform((list) => list.split(',').map((one) => one.trim()))
    .pipe(z.array(origin))
    .optional(),
  TRUST_PROXY_HOPS: count(0, 5).default(0),
  SOCKETS_PER_ADDRESS_MAX: count(1, 100_000).default(50),
  SOCKETS_PACE_FACTOR: count(1, 100_000).default(1),
  SOCKETS_DRAIN_MS: count(0, 20_000).optional(),
  LOTS_AT_ONCE_MAX: count(1, 100).default(auctionLimits.lotsAtOnceMax),
  MEDIA_CONTROL_URL: url(/^wss?$/).default('ws://127.0.0.1:3100'),
  MEDIA_CONTROL_SECRET: secret,
  PAYMENT_URL: url(/^https?$/).default('http://127.0.0.1:3200'),
  PAYMENT_PUBLIC_URL: url(/^https?$/).optional(),
  PAYMENT_API_KEY: secret,
  PAYMENT_WEBHOOK_SECRET: z.string().startsWith('whsec_'),
  PLATFORM_FEE_BASIS_POINTS: count(0, 10_000).default(600),
  RECEIPT_KEYS_BEFORE: z
    .string()
    .transform((list) => list.split(',').map((one) => one.trim()))
    .pipe(
      z.array(z.string().regex(/^[\w-]{43}$/, 'must be the x of an Ed25519 key, as /v1/receipt-keys tells it')).max(20),
    )
    .optional(),
  AUTH_PRIVATE_KEY: z.string().min(40),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(/^https?$/).optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  WORKER_HTTP_HOST: z.string().default('127.0.0.1'),
  WORKER_HTTP_PORT: port.default(0),
  WEB_DIST_DIR: z.string().default(webDist),
  DEMO_PICTURES_DIR: z.string().optional(),
  FAILPOINTS_FILE: z.string().min(1).optional(),
  JOB_CONCURRENCY: count(1, 256).default(Math.max(16, availableParallelism() * 8)),
})

export type Config = ReturnType<typeof toConfig>

/** The environment does not make a runnable configuration; the message names every problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Reads the configuration whole. Throws ConfigError with all problems at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = Environment.safeParse(given)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new ConfigError(`The configuration cannot be used. ${problems.join('; ')}`)
  }
  const config = toConfig(parsed.data)
  if (config.mode === 'production' && config.publicUrl.startsWith('http:') && !isLoopback(config.publicUrl))
    throw new ConfigError('PUBLIC_URL: must be https in production, because browsers give cameras to secure pages only')
  if (config.mode === 'production' && config.sockets.paceFactor !== 1)
    throw new ConfigError('SOCKETS_PACE_FACTOR: is for load tests; in production everybody keeps to the limits')
  if (config.mode === 'production' && config.failpointsFile !== null)
    throw new ConfigError('FAILPOINTS_FILE: lets a test end or hold processes; production must not have it')
  return config
}

function isLoopback(address: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname)
}

function toConfig(env: z.infer<typeof Environment>) {
  const publicUrl = env.PUBLIC_URL.replace(/\/$/, '')
  return {
    mode: env.LIVELOT_MODE,
    logLevel: env.LOG_LEVEL,
    database: { url: env.DATABASE_URL, poolSizeMax: env.DATABASE_POOL_SIZE },
    redis: { url: env.REDIS_URL, queueUrl: env.REDIS_QUEUE_URL ?? env.REDIS_URL },
    http: { host: env.HTTP_HOST, port: env.HTTP_PORT, trustProxyHops: env.TRUST_PROXY_HOPS },
    sockets: {
      perAddressMax: env.SOCKETS_PER_ADDRESS_MAX,
      paceFactor: env.SOCKETS_PACE_FACTOR,
      drainMs: env.SOCKETS_DRAIN_MS ?? (env.LIVELOT_MODE === 'embedded' ? 0 : 10_000),
    },
    publicUrl,
    allowedOrigins: env.ALLOWED_ORIGINS ?? [new URL(publicUrl).origin],
    auctions: { lotsAtOnceMax: env.LOTS_AT_ONCE_MAX, receiptKeysBefore: env.RECEIPT_KEYS_BEFORE ?? [] },
    media: { controlUrl: env.MEDIA_CONTROL_URL },
    payments: {
      url: env.PAYMENT_URL,
      publicUrl: env.PAYMENT_PUBLIC_URL ?? env.PAYMENT_URL,
      platformFeeBasisPoints: env.PLATFORM_FEE_BASIS_POINTS,
    },
    tracing: { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT ?? null, share: env.OTEL_TRACES_SAMPLER_ARG },
    worker: { host: env.WORKER_HTTP_HOST, port: env.WORKER_HTTP_PORT },
    web: { distDir: env.WEB_DIST_DIR, demoPicturesDir: env.DEMO_PICTURES_DIR ?? null },
    failpointsFile: env.FAILPOINTS_FILE ?? null,
    jobs: { concurrency: env.JOB_CONCURRENCY },
    secrets: {
      mediaControl: env.MEDIA_CONTROL_SECRET,
      paymentApiKey: env.PAYMENT_API_KEY,
      paymentWebhook: env.PAYMENT_WEBHOOK_SECRET,
      authPrivateKey: env.AUTH_PRIVATE_KEY,
    },
  }
}
