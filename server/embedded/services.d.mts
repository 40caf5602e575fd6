/** A database server that this project started and can stop. */
export interface EmbeddedService {
  readonly process: { readonly name: string; readonly pid: number | undefined }
  /** With user, password and database. */
  readonly url: string
  readonly port: number
  /** Starts it again after `stop` or `kill`; answers when it serves. */
  start(): Promise<void>
  /** Ends it in order. */
  stop(): Promise<void>
  /** Ends it with kill -9. */
  kill(): Promise<void>
}

export interface ProcessListeners {
  onStart?: () => void
  onUnexpectedEnd?: (how: string) => void
}

export function redisProgram(): Promise<string>

export function startEmbeddedPostgres(options: {
  root: string
  dataDir: string
  password: string
  port?: number
  durable?: boolean
  listeners?: ProcessListeners
}): Promise<EmbeddedService>

export function startEmbeddedRedis(options: {
  dataDir: string
  password: string
  port?: number
  appendfsync?: 'always' | 'everysec' | 'no'
  databaseCount?: number
  listeners?: ProcessListeners
}): Promise<EmbeddedService>

export function steadyPort(remembered: number | undefined, avoid: Iterable<number>): Promise<number>
