import { readEnv } from '#config/env'
import { migrate } from '#infra/postgres/migrate'
import { createLog } from '#infra/telemetry/log'

const log = createLog('migrate', readEnv().LOG_LEVEL ?? 'info')
const url = readEnv().DATABASE_URL
if (!url) {
  log.fatal('DATABASE_URL: say which database to migrate')
  process.exit(1)
}
try {
  const { applied } = await migrate(url, log)
  log.info({ applied: applied.length }, 'ready')
} catch (error) {
  log.fatal({ err: error }, error instanceof Error ? error.message : 'migration failed')
  process.exit(1)
}
