import { z } from 'zod'

const origin = z.url({ protocol: /^https?$/ }).refine((value) => new URL(value).origin === value, {
  message: 'must be an origin: scheme, host and port only, without a path or a slash at the end',
})
const webAddress = z.url({ protocol: /^https?$/ })
const milliseconds = (fallback: number) => z.coerce.number().int().min(1).max(2_592_000_000).default(fallback)

const Environment = z.object({
  SANDBOX_HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(3200),
  SANDBOX_JOURNAL_DIR: z.string().min(1),
  SANDBOX_WEBHOOK_URL: webAddress.default('http://127.0.0.1:3000/v1/webhooks/payments'),
  SANDBOX_ALLOWED_ORIGINS: z
    .string()
    .default('http://localhost:3000')
    .transform((list) => list.split(',').map((one) => one.trim()))
    .pipe(z.array(origin).min(1).max(20)),
  PAYMENT_PUBLIC_URL: origin.optional(),
  PAYMENT_API_KEY: z.string().min(16, 'must have at least 16 characters'),
  PAYMENT_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and at least 24 random bytes in base64'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  SANDBOX_WEBHOOK_CONCURRENCY: z.coerce.number().int().min(1).max(256).default(8),
  SANDBOX_WEBHOOK_RETRY_MS: milliseconds(500),
  SANDBOX_WEBHOOK_LATE_MS: milliseconds(15_000),
  SANDBOX_WEBHOOK_REORDER_MS: milliseconds(5_000),
  SANDBOX_SLOW_MS: milliseconds(2_500),
  SANDBOX_PROCESSING_MS: milliseconds(2_000),
  SANDBOX_AUTHORISATION_MS: milliseconds(7 * 24 * 3_600_000),
  SANDBOX_SHORT_AUTHORISATION_MS: milliseconds(10_000),
  SANDBOX_CHALLENGE_MS: milliseconds(10 * 60_000),
})

export type SandboxConfig = {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly journalDir: string
  /** Where the shop takes webhooks. */
  readonly webhookUrl: string
  /** Who may frame the hosted pages, hear from them, and make card tokens from a page of their own. */
  readonly allowedOrigins: readonly string[]
  /** The origin at which browsers reach the hosted pages, if it is not the address listened on. */
  readonly publicUrl: string | undefined
  readonly apiKey: string
  readonly webhookSecret: string
  readonly logLevel: string
  readonly webhookConcurrency: number
  /** First wait after a failed delivery; it doubles with each further one. */
  readonly webhookRetryMs: number
  readonly webhookLateMs: number
  readonly webhookReorderMs: number
  readonly slowMs: number
  readonly processingMs: number
  readonly authorisationMs: number
  readonly shortAuthorisationMs: number
  readonly challengeMs: number
}

/** Reads the environment. Throws one error that names every problem; no value is repeated in it. */
export function parseSandboxConfig(environment: Readonly<Record<string, string | undefined>>): SandboxConfig {
  const parsed = Environment.safeParse(environment)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`The payment sandbox cannot start with this configuration.\n${problems.join('\n')}`)
  }
  const read = parsed.data
  return {
    host: read.SANDBOX_HOST,
    port: read.SANDBOX_PORT,
    journalDir: read.SANDBOX_JOURNAL_DIR,
    webhookUrl: read.SANDBOX_WEBHOOK_URL,
    allowedOrigins: read.SANDBOX_ALLOWED_ORIGINS,
    publicUrl: read.PAYMENT_PUBLIC_URL,
    apiKey: read.PAYMENT_API_KEY,
    webhookSecret: read.PAYMENT_WEBHOOK_SECRET,
    logLevel: read.LOG_LEVEL,
    webhookConcurrency: read.SANDBOX_WEBHOOK_CONCURRENCY,
    webhookRetryMs: read.SANDBOX_WEBHOOK_RETRY_MS,
    webhookLateMs: read.SANDBOX_WEBHOOK_LATE_MS,
    webhookReorderMs: read.SANDBOX_WEBHOOK_REORDER_MS,
    slowMs: read.SANDBOX_SLOW_MS,
    processingMs: read.SANDBOX_PROCESSING_MS,
    authorisationMs: read.SANDBOX_AUTHORISATION_MS,
    shortAuthorisationMs: read.SANDBOX_SHORT_AUTHORISATION_MS,
    challengeMs: read.SANDBOX_CHALLENGE_MS,
  }
}
