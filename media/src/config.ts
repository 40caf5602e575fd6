import { lookup } from 'node:dns/promises'
import { accessSync, constants } from 'node:fs'
import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { workerBin as packagedWorkerBin } from 'mediasoup'
import { z } from 'zod'

export interface MediaConfig {
  readonly controlHost: string
  readonly controlPort: number
  readonly controlSecret: string
  readonly listenIp: string
  readonly announcedAddress: string | undefined
  readonly rtcBasePort: number
  readonly workers: number
  readonly workerBin: string
  readonly turn: { readonly urls: readonly string[]; readonly secret: string } | undefined
  readonly logLevel: string
}

/** All that is wrong with the configuration, one sentence each. */
export class MediaConfigError extends Error {
  override readonly name = 'MediaConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Linux hands out ports from 32768 on to outgoing connections, so a server port there is sometimes taken at start. */
const serverPortMax = 32_767
/** Ports of the pipes between workers, behind those of the workers themselves. */
export const pipePortCount = 400
const workersMax = 100

const port = (fallback: number) => z.coerce.number().int().min(1).max(65_535).default(fallback)
const text = z.string().trim().min(1)
const Env = z.object({
  MEDIA_CONTROL_HOST: text.default('127.0.0.1'),
  MEDIA_CONTROL_PORT: z.coerce.number().int().min(0).max(65_535).default(3100),
  MEDIA_CONTROL_SECRET: z
    .string({ error: 'must be set: the API proves with it that it may give orders' })
    .min(16, 'must have at least 16 characters'),
  MEDIA_LISTEN_IP: text.default('127.0.0.1').refine((ip) => isIP(ip) !== 0, 'must be an IP address of this machine'),
  MEDIA_ANNOUNCED_ADDRESS: text.optional(),
  MEDIA_RTC_BASE_PORT: port(20_000),
  MEDIA_WORKERS: z.coerce.number().int().min(1).max(workersMax).default(availableParallelism()),
  MEDIASOUP_WORKER_BIN: text.optional(),
  MEDIA_TURN_URLS: text.optional(),
  MEDIA_TURN_SECRET: text.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

const anyAddress = new Set(['0.0.0.0', '::', '::0'])
const hostname = /^(?=.{1,253}$)([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)*[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/i

const addressProblem = (listenIp: string, announced: string | undefined): string | undefined => {
  if (announced === undefined) {
    return anyAddress.has(listenIp)
      ? `MEDIA_LISTEN_IP is ${listenIp}, which no browser can connect to: set MEDIA_ANNOUNCED_ADDRESS to the address that browsers reach this machine at.`
      : undefined
  }
  if (anyAddress.has(announced)) return `MEDIA_ANNOUNCED_ADDRESS is ${announced}, which no browser can connect to.`
  if (isIP(announced) !== 0) return undefined
  return hostname.test(announced) && !/^[\d.]+$/.test(announced)
    ? undefined
    : `MEDIA_ANNOUNCED_ADDRESS "${announced}" is neither an IP address nor a host name.`
}

const binaryProblem = (path: string): string | undefined => {
  try {
    accessSync(path, constants.X_OK)
    return undefined
  } catch {
    return `There is no runnable mediasoup worker at ${path}: install the package mediasoup with its install script allowed, or set MEDIASOUP_WORKER_BIN.`
  }
}

/** Reads the whole configuration of a media node. Refuses: everything that is wrong, at once, as MediaConfigError. */
export const readMediaConfig = (env: Record<string, string | undefined>): MediaConfig => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = Env.safeParse(given)
  if (!parsed.success) {
    throw new MediaConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`))
  }
  const values = parsed.data
  const workerBin = values.MEDIASOUP_WORKER_BIN ?? packagedWorkerBin
  const lastPort = values.MEDIA_RTC_BASE_PORT + values.MEDIA_WORKERS + pipePortCount - 1
  const problems = [
    addressProblem(values.MEDIA_LISTEN_IP, values.MEDIA_ANNOUNCED_ADDRESS),
    binaryProblem(workerBin),
    lastPort > serverPortMax
      ? `MEDIA_RTC_BASE_PORT is too high: ports up to ${lastPort} would be used, and those above ${serverPortMax} collide with outgoing connections.`
      : undefined,
    (values.MEDIA_TURN_URLS === undefined) === (values.MEDIA_TURN_SECRET === undefined)
      ? undefined
      : 'MEDIA_TURN_URLS and MEDIA_TURN_SECRET go together: set both or neither.',
  ].filter((problem) => problem !== undefined)
  if (problems.length > 0) throw new MediaConfigError(problems)
  return {
    controlHost: values.MEDIA_CONTROL_HOST,
    controlPort: values.MEDIA_CONTROL_PORT,
    controlSecret: values.MEDIA_CONTROL_SECRET,
    listenIp: values.MEDIA_LISTEN_IP,
    announcedAddress: values.MEDIA_ANNOUNCED_ADDRESS,
    rtcBasePort: values.MEDIA_RTC_BASE_PORT,
    workers: values.MEDIA_WORKERS,
    workerBin,
    turn:
      values.MEDIA_TURN_URLS !== undefined && values.MEDIA_TURN_SECRET !== undefined
        ? { urls: values.MEDIA_TURN_URLS.split(',').map((url) => url.trim()), secret: values.MEDIA_TURN_SECRET }
        : undefined,
    logLevel: values.LOG_LEVEL,
  }
}

/** The part that asks the network: a host name that nobody can resolve would make every viewer’s join fail silently. */
export const checkAnnouncedAddress = async (config: MediaConfig): Promise<void> => {
  const announced = config.announcedAddress
  if (announced === undefined || isIP(announced) !== 0) return
  try {
    await lookup(announced)
  } catch {
    throw new MediaConfigError([`MEDIA_ANNOUNCED_ADDRESS "${announced}" cannot be resolved to an address.`])
  }
}
