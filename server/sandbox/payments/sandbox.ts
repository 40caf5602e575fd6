import type { Logger } from 'pino'
import { Bank } from './bank.ts'
import type { Desk } from './command.ts'
import type { SandboxConfig } from './config.ts'
import { lockDirectory } from './directory-lock.ts'
import { DueQueue } from './due-queue.ts'
import { createHostedPages } from './hosted.ts'
import { passDeadline, testCardOf } from './intents.ts'
import { deadlineMsOf, type Intent, type SandboxEvent } from './objects.ts'
import { createRoutes } from './routes.ts'
import { startHttpServer } from './server.ts'
import { WebhookSender } from './webhooks.ts'

export type PaymentSandbox = {
  /** The address listened on. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts the sandbox provider: replays its journal, then takes requests, sends webhooks and lets deadlines pass.
 * `onFatal` is told when the journal cannot be written any more; the process should end then, for nothing can be promised.
 */
export async function startPaymentSandbox(
  config: SandboxConfig,
  log: Logger,
  onFatal: (cause: Error) => void,
): Promise<PaymentSandbox> {
  const lock = await lockDirectory(config.journalDir)
  const bank = await Bank.open(config.journalDir, onFatal).catch(async (cause: unknown) => {
    await lock.release()
    throw cause
  })
  let listeningUrl = ''
  const desk: Desk = { bank, config, publicUrl: () => config.publicUrl ?? listeningUrl }

  const webhooks = new WebhookSender({
    url: config.webhookUrl,
    secret: config.webhookSecret,
    concurrency: config.webhookConcurrency,
    retryMs: config.webhookRetryMs,
    lateMs: config.webhookLateMs,
    reorderMs: config.webhookReorderMs,
    modeOf: (event) => testCardOf(desk, intentOf(bank, event)).webhooks,
    settle: (settledEvents) => {
      if (bank.isWritable) bank.commit({ kind: 'webhooks.settled', at: new Date().toISOString(), settledEvents })
    },
    onGivenUp: (eventId, reason) => log.warn({ eventId, reason }, 'webhook given up'),
  })
  const deadlines = new DueQueue<string>((id) => {
    const intent = bank.intents.get(id)
    const deadlineMs = intent ? deadlineMsOf(intent) : null
    const isDue = deadlineMs !== null && deadlineMs <= Date.now()
    if (intent && isDue && bank.isWritable) passDeadline(desk, intent)
  })
  const watchDeadline = (intent: Intent): void => {
    const deadlineMs = deadlineMsOf(intent)
    if (deadlineMs !== null) deadlines.add(deadlineMs, intent.id)
  }

  const closeParts = async (): Promise<void> => {
    deadlines.close()
    await webhooks.close()
    await bank.close()
    await lock.release()
  }
  const pages = await createHostedPages(config)
  const routes = createRoutes(desk, pages, () => webhooks.queued)
  const server = await startHttpServer({ config, routes, log, durable: () => bank.durable() }).catch(
    async (cause: unknown) => {
      await closeParts()
      throw cause
    },
  )
  listeningUrl = server.url

  bank.listen({ event: (event) => webhooks.offer(event), intent: watchDeadline })
  for (const intent of bank.intents.values()) watchDeadline(intent)
  for (const event of [...bank.unsettledEvents.values()]) webhooks.offer(event)

  return {
    url: server.url,
    close: async () => {
      await server.close()
      await closeParts()
    },
  }
}

function intentOf(bank: Bank, event: SandboxEvent): Intent {
  const { object } = event.data
  if (object.object === 'payment_intent') return object
  const intent = bank.intents.get(object.paymentIntent)
  if (!intent) throw new Error(`Event ${event.id} has no intent`)
  return intent
}
