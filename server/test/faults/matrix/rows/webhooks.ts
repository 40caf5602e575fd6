import { createHmac, randomUUID } from 'node:crypto'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'

const hooked = ['webhook-doubled', 'webhook-reversed', 'webhook-late', 'webhook-dropped', 'challenge']
const repeats = 5
const dayMs = 86_400_000

interface JournalledEvent {
  readonly id: string
  readonly type: string
  readonly createdAt: string
  readonly data: unknown
}

interface JournalEntry {
  readonly at: string
  readonly event?: { readonly id: string; readonly type: string }
  readonly object?: unknown
}

/** Sends an event as the provider does, with a signature of this secret and of this moment. */
async function deliver(
  stage: Stage,
  event: JournalledEvent,
  { secret, sentAtMs }: { secret: string; sentAtMs: number },
) {
  const body = JSON.stringify(event)
  const timestamp = String(Math.floor(sentAtMs / 1_000))
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signature = createHmac('sha256', key).update(`${event.id}.${timestamp}.${body}`).digest('base64')
  const headers = {
    'content-type': 'application/json',
    'webhook-id': event.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  }
  const answer = await fetch(`${stage.platform.urls.apis[0]}/v1/webhooks/payments`, { method: 'POST', headers, body })
  return answer.status
}

async function journalledEvents({ platform }: Stage): Promise<JournalledEvent[]> {
  const headers = { authorization: `Bearer ${platform.env.PAYMENT_API_KEY}` }
  const events: JournalledEvent[] = []
  for (let after = 0; ; after += 1_000) {
    const answer = await fetch(`${platform.urls.payments}/v1/journal?after=${after}&limit=1000`, { headers })
    const { entries } = (await answer.json()) as { entries: JournalEntry[] }
    for (const { at, event, object } of entries) if (event) events.push({ ...event, createdAt: at, data: { object } })
    if (entries.length < 1_000) return events
  }
}

const effectsOf = ({ rows }: Stage) =>
  rows(`SELECT o.id, o.state, o.version, o.refunded_minor, (SELECT count(*) FROM ledger_transactions t
    WHERE t.reference = o.id::text) AS posted FROM orders o ORDER BY o.id`)

export const webhooks: FaultRow = {
  number: 18,
  name: 'webhooks five times, reversed, days late, forged',
  moments: ['l', 'm'],
  short: [],
  probe: everywhere,
  run: async (stage, moment) => {
    const trade = await stage.openTrade()
    const { flashSaleId } = trade
    const purchases = await Promise.all(
      hooked.map((cardName, index) => stage.crowd.buyOne(index, flashSaleId, { cardName })),
    )
    for (const { ending, code } of purchases) must(ending === 'paid', `a purchase is ${ending} (${code})`)
    if (moment === 'm') for (const { orderId } of purchases) await stage.refund(orderId ?? '')
    await trade.finish()
    await stage.quiet()
    const before = await effectsOf(stage)
    const secret = stage.platform.env.PAYMENT_WEBHOOK_SECRET ?? ''
    const events = (await journalledEvents(stage)).slice(-60).reverse()
    must(events.length > 0, 'the provider has told no event')
    const answers = new Map<number, number>()
    const count = (status: number) => answers.set(status, (answers.get(status) ?? 0) + 1)
    for (const event of events) {
      for (let time = 0; time < repeats; time += 1) count(await deliver(stage, event, { secret, sentAtMs: Date.now() }))
      // Told anew under another id, as a provider does that has lost its own memory.
      const anew = { ...event, id: `evt_${randomUUID().replaceAll('-', '')}` }
      count(await deliver(stage, anew, { secret, sentAtMs: Date.now() }))
      const late = await deliver(stage, event, { secret, sentAtMs: Date.now() - 3 * dayMs })
      const forged = await deliver(stage, event, {
        secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}`,
        sentAtMs: Date.now(),
      })
      must(late === 401 || late === 400, `an event signed three days ago was answered ${late}`)
      must(forged === 401 || forged === 400, `a forged event was answered ${forged}`)
    }
    must(answers.size === 1 && answers.has(200), `honest repeats were answered ${JSON.stringify([...answers])}`)
    await stage.quiet()
    const after = await effectsOf(stage)
    must(JSON.stringify(after) === JSON.stringify(before), 'an event that was told again has had an effect')
    return {
      recoverySeconds: null,
      detail: `${events.length} events ${repeats} times and anew, late and forged: no effect`,
    }
  },
}
