import type { Moment } from '../moments.ts'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'

/** Cards whose answers go wrong although the command was carried out. */
const cardsAt: Readonly<Partial<Record<Moment, readonly string[]>>> = {
  c: ['authorise-error', 'authorise-no-answer', 'slow', 'processing'],
  f: ['capture-error', 'capture-no-answer', 'slow'],
  m: ['refund-error'],
}

/** A reply that is lost on the wire, beside those that the provider itself keeps back. */
async function buyWithCutReply(stage: Stage, flashSaleId: string, index: number, request: string) {
  const cut = stage.wires['payment-sandbox'].cutReply(request)
  const [purchase] = await Promise.all([stage.crowd.buyOne(index, flashSaleId), cut])
  return purchase
}

export const providerAnswers: FaultRow = {
  number: 16,
  name: 'provider: 500 after success, timeout, reply lost',
  moments: ['c', 'f', 'm'],
  short: [],
  probe: everywhere,
  run: async (stage, moment) => {
    const trade = await stage.openTrade()
    const { flashSaleId } = trade
    const cards = cardsAt[moment] ?? []
    const cutRequest = moment === 'c' ? 'POST /v1/payment_intents HTTP' : '/capture HTTP'
    const last = await buyWithCutReply(stage, flashSaleId, cards.length, cutRequest)
    const purchases = [
      last,
      ...(await Promise.all(cards.map((cardName, index) => stage.crowd.buyOne(index, flashSaleId, { cardName })))),
    ]
    for (const { ending, code } of purchases) must(ending === 'paid', `a purchase is ${ending} (${code})`)
    if (moment === 'm') for (const { orderId } of purchases) await stage.refund(orderId ?? '')
    const slowestMs = Math.max(...purchases.map((one) => one.endedAtMs - one.askedAtMs))
    await trade.finish()
    return { recoverySeconds: slowestMs / 1_000, detail: `${cards.join(', ')}, and a reply cut on the wire: paid once` }
  },
}
