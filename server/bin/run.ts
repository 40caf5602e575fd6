import { type Config, ConfigError, readConfig } from '#config/config'
import { readEnv } from '#config/env'
import { createLog } from '#infra/telemetry/log'
import { startTracing } from '#infra/telemetry/tracing'

const version = '0.1.0'

/** Time a process has to finish what it began, before it is ended. */
const stopTimeoutMs = 25_000

/** Starts a long-running process, says "ready", and stops it cleanly at SIGTERM or SIGINT. */
export async function runProcess(
  name: string,
  start: (config: Config) => Promise<{ readonly details: Record<string, unknown>; close(): Promise<void> }>,
): Promise<void> {
  const log = createLog(name, readEnv().LOG_LEVEL ?? 'info')
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody looked'))
  try {
    const config = readConfig(readEnv())
    const tracing = await startTracing({ ...config.tracing, service: `livelot-${name}`, version, log })
    const running = await start(config)
    let isStopping = false
    const stop = async (signal: string) => {
      if (isStopping) return
      isStopping = true
      log.info({ signal }, 'stopping')
      setTimeout(() => process.exit(1), stopTimeoutMs).unref()
      await running.close()
      await tracing.close()
      log.info('stopped')
      process.exit(0)
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        stop(signal).catch((error: unknown) => {
          log.error({ err: error }, 'did not stop cleanly')
          process.exit(1)
        })
      })
    log.info(running.details, 'ready')
  } catch (error) {
    log.fatal(
      error instanceof ConfigError ? {} : { err: error },
      error instanceof Error ? error.message : 'did not start',
    )
    process.exit(1)
  }
}
