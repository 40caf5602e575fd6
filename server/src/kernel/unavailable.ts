const unavailableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  '57P01',
  '57P03',
  '53300',
  '57014',
])
const unavailableTexts =
  /Connection is closed|Command timed out|isn't writeable|connection timeout|Connection terminated|MISCONF|LOADING|READONLY|OOM command|max retries per request|^(?:MOVED|ASK) \d|^CLUSTERDOWN|^TRYAGAIN|server of this key is away/i

/** Postgres, Redis or a provider is away or full: asking again later can help. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  return (typeof code === 'string' && unavailableCodes.has(code)) || unavailableTexts.test(error.message)
}
