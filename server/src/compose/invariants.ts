import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '#config/config'
import { connectMedia } from '#infra/media/client'
import { createRedis, type Redis, whenReady } from '#infra/redis/client'
import type { Log } from '#kernel/log'
import type { CheckOptions } from '../invariants/checker.ts'
import { readClientJournals } from '../invariants/client-journal.ts'
import type { MediaReport } from '../invariants/invariant.ts'
import { openProviderJournal } from '../invariants/provider-journal.ts'

export interface InvariantSources {
  /** The folder of the provider's journal; its API where absent. */
  readonly providerJournalDir?: string | undefined
  /** Files, or folders of files. */
  readonly clientJournals: readonly string[]
  readonly logs: readonly string[]
  /** Addresses of all API processes. */
  readonly apis: readonly string[]
  readonly without: readonly ('redis' | 'provider' | 'media')[]
}

const readyMsMax = 10_000
const answerMsMax = 10_000

/** What invariants are checked against, by the configuration of the platform. A store that is away is told by its checks. */
export async function openInvariantSources(config: Config, wanted: InvariantSources, log: Log) {
  const connections: Redis[] = []
  const open = async (url: string, name: string): Promise<Redis> => {
    const redis = createRedis(url, { use: 'hot', name, log })
    connections.push(redis)
    await whenReady(redis, readyMsMax)
    return redis
  }
  const isWanted = (source: InvariantSources['without'][number]) => !wanted.without.includes(source)
  const media = isWanted('media') ? openMedia(config, log) : undefined
  const close = () => {
    for (const connection of connections) connection.disconnect()
    media?.close()
  }
  try {
    const redis = isWanted('redis') ? await open(config.redis.url, 'invariants') : undefined
    const { queueUrl, url } = config.redis
    const queueRedis = redis && (queueUrl === url ? redis : await open(queueUrl, 'invariants-queue'))
    const provider = openProviderJournal(
      wanted.providerJournalDir === undefined
        ? { url: config.payments.url, apiKey: config.secrets.paymentApiKey }
        : { directory: wanted.providerJournalDir },
    )
    const sources: CheckOptions['sources'] = {
      redis,
      queueRedis,
      provider: isWanted('provider') ? provider : undefined,
      media: media?.report,
      openSockets: wanted.apis.length > 0 ? () => openSocketsOf(wanted.apis) : undefined,
      journals: wanted.clientJournals.length > 0 ? await readClientJournals(wanted.clientJournals) : undefined,
      logFiles: await logFilesOf(wanted.logs),
      secrets: secretsOf(config),
    }
    return { sources, close }
  } catch (error) {
    close()
    throw error
  }
}

function openMedia(config: Config, log: Log) {
  const client = connectMedia({ url: config.media.controlUrl, secret: config.secrets.mediaControl, log })
  const report = async (): Promise<MediaReport> => {
    await within(client.whenConnected(), 'The media node does not answer')
    const { rooms, registry, dumped } = await client.request('node-stats', { dump: true })
    return { rooms, registry, dumped: dumped ?? {} }
  }
  return { report, close: () => client.close() }
}

async function within<T>(work: Promise<T>, problem: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(problem)), answerMsMax)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

async function openSocketsOf(apis: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    apis.map(async (api) => {
      const answer = await fetch(new URL('/metrics', api), { signal: AbortSignal.timeout(answerMsMax) })
      const open = /^livelot_sockets_open(?:\{[^}]*\})? (\d+)/m.exec(await answer.text())?.[1]
      if (open === undefined) throw new Error(`${api} does not tell how many sockets are open`)
      return Number(open)
    }),
  )
  return counts.reduce((sum, one) => sum + one, 0)
}

/** Everything secret of the configuration, and the passwords within its addresses. */
function secretsOf(config: Config): string[] {
  const passwords = [config.database.url, config.redis.url, config.redis.queueUrl].map((url) =>
    decodeURIComponent(new URL(url).password),
  )
  return [...new Set([...Object.values(config.secrets), ...passwords].filter((secret) => secret.length >= 12))]
}

async function logFilesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const one of paths) {
    if (!(await stat(one)).isDirectory()) files.push(one)
    else files.push(...(await readdir(one)).filter((name) => name.includes('.log')).map((name) => path.join(one, name)))
  }
  return files
}
