/** What happens to the platform's processes, told while it happens. */
export interface PlatformEvent {
  readonly kind: 'starting' | 'ready' | 'died' | 'restarted' | 'note'
  /** A sentence for people. */
  readonly text: string
  readonly name?: string
  /** How long it took, with `ready`. */
  readonly ms?: number
  /** The last lines of its log, with `died`. */
  readonly tail?: string
}

/** Ports that are given are used as they are; the others are chosen among the free ones. */
export interface WantedPorts {
  readonly http?: number
  readonly mediaControl?: number
  readonly sandbox?: number
  readonly rtcBase?: number
  readonly postgres?: number
  readonly redis?: number
}

/** Services that a test can put a wire of its own before. */
export type WiredService = 'postgres' | 'redis' | 'payment-sandbox'

export interface PlatformOptions {
  /** The checkout. */
  readonly root: string
  /** Where data, secrets and logs are kept; one platform at a time. */
  readonly dataDir: string
  readonly ports?: WantedPorts
  /** How many API processes, named api, api-2, api-3 ...; 1 unless told otherwise. */
  readonly apiProcesses?: number
  /** How many worker processes, named worker, worker-2 ...; 1 unless told otherwise. */
  readonly workerProcesses?: number
  /** Told the port of a service before the processes start; answers the port at which they shall reach it. */
  readonly wire?: (service: WiredService, port: number) => Promise<number>
  /** Environment variables that win over those that are worked out here. DATABASE_URL and REDIS_URL name servers to use in place of embedded ones. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Whether the demo is seeded; true unless told otherwise. */
  readonly seed?: boolean
  /** Whether a process that dies by itself is started again, with growing waits; false unless told otherwise. */
  readonly restartDead?: boolean
  readonly log?: (event: PlatformEvent) => void
  /** Aborting it while the platform starts stops everything again. */
  readonly signal?: AbortSignal
}

export interface Demo {
  readonly signIns: readonly { readonly who: string; readonly email: string; readonly password: string }[]
  readonly links: readonly { readonly what: string; readonly path: string }[]
}

export interface PlatformProcess {
  readonly name: string
  readonly pid: number | undefined
  readonly isRunning: boolean
  readonly recipe: { readonly logFile: string }
  /** The end of what it has written since its last start. */
  logSinceStart(): string
}

export interface Platform {
  readonly urls: {
    /** Where browsers find the platform. */
    readonly http: string
    /** One a process. */
    readonly apis: readonly string[]
    readonly mediaControl: string
    readonly payments: string
  }
  readonly databaseUrl: string
  readonly redisUrl: string
  /** What the processes were started with. */
  readonly env: Readonly<Record<string, string>>
  /** The demo's sign-ins, when it was seeded. */
  readonly demo: Demo | undefined
  readonly dataDir: string
  /** By name: postgres, redis, payment-sandbox, media, worker, worker-2 ..., api, api-2 ... */
  readonly processes: ReadonlyMap<string, PlatformProcess>
  /** Stops everything in order. Repeats: a second call finds nothing to stop. */
  stop(): Promise<void>
  /** Ends one process, with kill -9 unless told otherwise; it stays down until `restart`. */
  kill(name: string, signal?: NodeJS.Signals): Promise<void>
  /** Stops one process in order if it runs, starts it, and answers when it is ready. */
  restart(name: string): Promise<void>
}

/** Starts the whole platform on this machine and answers when every process is ready. */
export function startPlatform(options: PlatformOptions): Promise<Platform>

/** The sign-ins in what the seed wrote. */
export function parseDemo(output: string): Demo | undefined
