import type { Log } from '#kernel/log'
import { useTracer } from './trace.ts'

export interface TracingOptions {
  /** Where an OTLP collector listens, without the path; null turns tracing off. */
  readonly endpoint: string | null
  /** The share of traces that are kept, 0 to 1: decided by the trace's id, so every process keeps the same ones. */
  readonly share: number
  readonly service: string
  readonly version: string
  readonly log: Log
}

export interface Tracing {
  /** Sends what is left. Never throws. */
  close(): Promise<void>
}

/** Spans are sent so often, and dropped when more wait: a slow collector must not fill this process' memory. */
const batch = { scheduledDelayMillis: 1_000, exportTimeoutMillis: 5_000, maxQueueSize: 4_096, maxExportBatchSize: 512 }
const warnEveryMs = 60_000
const closeMs = 3_000

/** Begins to collect and send traces. Without an endpoint nothing is loaded and nothing is measured. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { endpoint, share, log } = options
  if (endpoint === null) return { close: async () => undefined }
  const [api, contexts, sdk, otlp, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  api.diag.setLogger(oncePerMinute(log), api.DiagLogLevel.WARN)
  const exporter = new otlp.OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` })
  const bySharedId = new sdk.TraceIdRatioBasedSampler(share)
  const provider = new sdk.TracerProvider({
    // A parent from outside may not make us keep more than our share: its trace id decides, as ours would.
    sampler: new sdk.ParentBasedSampler({ root: bySharedId, remoteParentSampled: bySharedId }),
    resource: resourceFromAttributes({ 'service.name': options.service, 'service.version': options.version }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, ...batch })],
    spanLimits: { attributeValueLengthLimit: 200, attributeCountLimit: 16 },
  })
  const manager = new contexts.AsyncLocalStorageContextManager()
  manager.enable()
  api.context.setGlobalContextManager(manager)
  useTracer(provider.getTracer('livelot', options.version))
  return {
    close: async () => {
      useTracer(null)
      api.context.disable()
      const sent = provider.shutdown().catch((error: unknown) => log.warn({ err: error }, 'the last traces are lost'))
      await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, closeMs).unref())])
      api.diag.disable()
    },
  }
}

/** A collector that is away is told once a minute, not once a batch. */
function oncePerMinute(log: Log) {
  let toldAtMs = Number.NEGATIVE_INFINITY
  const tell = (message: string) => {
    if (performance.now() - toldAtMs < warnEveryMs) return
    toldAtMs = performance.now()
    log.warn({ reason: message.slice(0, 300) }, 'traces cannot be sent')
  }
  const ignore = () => undefined
  return { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore }
}
