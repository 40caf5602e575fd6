import pino from 'pino'
import { parseSandboxConfig } from '../sandbox/payments/config.ts'
import { startPaymentSandbox } from '../sandbox/payments/sandbox.ts'

const started = pino({ name: 'payment-sandbox' })

try {
  const config = parseSandboxConfig(process.env)
  const log = pino({ name: 'payment-sandbox', level: config.logLevel })
  const sandbox = await startPaymentSandbox(config, log, (cause) => {
    log.fatal({ err: cause }, 'the journal cannot be written, stopping')
    // What was promised is on the disk; what was not must not be answered from memory.
    log.flush(() => process.exit(1))
  })
  log.info({ url: sandbox.url }, 'ready')

  const stop = (signal: string): void => {
    log.info({ signal }, 'stopping')
    sandbox.close().then(
      () => log.info('stopped'),
      (cause: unknown) => {
        log.error({ err: cause }, 'stopping failed')
        process.exitCode = 1
      },
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
} catch (cause) {
  started.fatal(cause instanceof Error ? cause.message : String(cause))
  process.exitCode = 1
}
