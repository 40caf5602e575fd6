import { parseArgs } from 'node:util'
import { readConfig } from '#config/config'
import { readEnv } from '#config/env'
import { createLog } from '#infra/telemetry/log'
import { type InvariantSources, openInvariantSources } from '../src/compose/invariants.ts'
import { checkInvariants, exitCodeOf, type Invariant, invariants, jsonOf, tableOf } from '../src/invariants/index.ts'

const usage = `Checks that nothing was lost, doubled or left behind. Changes nothing, and may run beside a live platform.

  --json                  one JSON document instead of a table
  --quiet                 the platform is at rest: nothing may be on its way any more
  --only I1,I7            these numbers only          --cheap   only what is looked at every night
  --client-journal PATH   file or folder of client journals; may be repeated
  --provider-journal DIR  folder of the provider's journal; its API where absent
  --logs PATH             log file or folder of logs to look for secrets in; may be repeated
  --api URL               an API process, to count sockets; repeat for each of them
  --without SOURCE        redis, provider or media is not there; may be repeated
  --statement-seconds N   longest time for one statement, 60 where absent

Ends with 0 when everything held, 1 when something is broken, 2 when something could not be checked.
`

const many = { type: 'string', multiple: true, default: [] as string[] } as const

function readArguments() {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      cheap: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      only: { type: 'string' },
      'client-journal': many,
      'provider-journal': { type: 'string' },
      logs: many,
      api: many,
      without: many,
      'statement-seconds': { type: 'string', default: '60' },
    },
  })
  const without = values.without.map((source) => {
    if (source !== 'redis' && source !== 'provider' && source !== 'media')
      throw new Error(`--without ${source}: it is one of redis, provider, media`)
    return source
  })
  const seconds = Number(values['statement-seconds'])
  if (!Number.isInteger(seconds) || seconds < 1) throw new Error('--statement-seconds: a whole number from 1 on')
  const sources: InvariantSources = {
    providerJournalDir: values['provider-journal'],
    clientJournals: values['client-journal'],
    logs: values.logs,
    apis: values.api,
    without,
  }
  const only = values.only?.split(',').map((id) => id.trim())
  for (const id of only ?? [])
    if (!invariants.some((one) => one.id === id)) throw new Error(`--only ${id}: there is no such number`)
  const select = (one: Invariant) => (only?.includes(one.id) ?? true) && (!values.cheap || one.isCheap)
  return { ...values, sources, select, statementTimeoutMs: seconds * 1_000 }
}

/** One line on the other output, written over again: the result alone goes to standard output. */
function tellProgress(done: number, of: number, next: Invariant | undefined): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(`\r\u001b[K${next ? `${done} of ${of}  ${next.id} ${next.rule.slice(0, 70)}` : ''}`)
}

async function check(): Promise<number> {
  const wanted = readArguments()
  if (wanted.help) {
    process.stdout.write(usage)
    return 0
  }
  const config = readConfig(readEnv())
  const opened = await openInvariantSources(config, wanted.sources, createLog('check-invariants', 'silent'))
  try {
    const checked = await checkInvariants({
      databaseUrl: config.database.url,
      sources: opened.sources,
      isQuiet: wanted.quiet,
      select: wanted.select,
      statementTimeoutMs: wanted.statementTimeoutMs,
      onProgress: tellProgress,
    })
    process.stdout.write(`${wanted.json ? jsonOf(checked) : tableOf(checked)}\n`)
    return exitCodeOf(checked)
  } finally {
    opened.close()
  }
}

try {
  process.exitCode = await check()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
