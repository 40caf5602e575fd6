import { pino } from 'pino'
import { MediaConfigError, type RunningMediaNode, readMediaConfig, startMediaNode } from '../src/index.ts'

const log = pino({ level: process.env.LOG_LEVEL || 'info', name: 'media' })
let running: RunningMediaNode | undefined
let stopping = false

const stop = (signal: NodeJS.Signals): void => {
  if (stopping) return
  stopping = true
  log.info({ signal }, 'stopping')
  // Nothing is running yet when the signal comes during the start; the process then simply ends.
  const closed = running?.close() ?? Promise.resolve()
  closed.then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, 'stopping failed')
      process.exit(1)
    },
  )
}
// Before any worker is made: mediasoup closes its workers on the same signals, and peers must be told first.
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

try {
  const config = readMediaConfig(process.env)
  running = await startMediaNode(config, log)
  const { listenIp, announcedAddress, rtcBasePort, workers } = config
  log.info({ controlPort: running.controlPort, listenIp, announcedAddress, rtcBasePort, workers }, 'ready')
} catch (error) {
  if (error instanceof MediaConfigError) for (const problem of error.problems) log.fatal(problem)
  else log.fatal({ err: error }, error instanceof Error ? error.message : 'the media node cannot start')
  process.exitCode = 1
}
