import { newOperationId } from '@livelot/client'
import { placeOne, randomOf } from '../../../support/auction-night.ts'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage, Trade } from '../stage.ts'

/** Redis carries the reservation out and its reply is cut; the buyer asks again under the same id. */
async function reserveCutOff(stage: Stage, { flashSaleId }: Trade): Promise<void> {
  const operationId = newOperationId()
  const cut = stage.wires.redis.cutReply(operationId)
  const [purchase] = await Promise.all([stage.crowd.buyOne(0, flashSaleId, { operationId }), cut])
  must(purchase.ending === 'paid', `the purchase whose reply was cut is ${purchase.ending} (${purchase.code})`)
  const holds = await stage.rows('SELECT id FROM holds WHERE flash_sale_id = $1 AND account_id = $2', [
    flashSaleId,
    purchase.accountId,
  ])
  must(holds.length === 1, `one reservation made ${holds.length} holds`)
}

/** The same for a bid, among the bids of the others. */
async function bidCutOff(stage: Stage, { auctionId }: Trade, seed: number): Promise<void> {
  const [bidder] = stage.night.bidders
  must(bidder, 'nobody bids')
  const handle = bidder.room.auction(auctionId)
  const operationId = newOperationId()
  const cut = stage.wires.redis.cutReply(operationId, '"ledgerSeq"')
  const leastMinor = handle.state()?.nextMinimumMinor ?? 0
  const placing = placeOne(bidder, handle, 'max', leastMinor + 5_000, randomOf(seed), operationId)
  await Promise.all([cut, placing])
  const answer = await placing
  must(answer !== null, 'the bid whose reply was cut was not answered')
}

export const cutReply: FaultRow = {
  number: 11,
  name: 'reply cut after Redis executed',
  moments: ['a', 'j'],
  short: ['a'],
  probe: everywhere,
  run: async (stage, moment, seed) => {
    const trade = await stage.openTrade()
    const atMs = Date.now()
    if (moment === 'a') await reserveCutOff(stage, trade)
    else await trade.lastSecond()
    await bidCutOff(stage, trade, seed)
    trade.buy()
    const recoverySeconds = await stage.served('purchase', moment === 'a' ? atMs : Date.now())
    await trade.finish()
    const detail = moment === 'a' ? 'one hold, one bid, by their ids' : 'one bid, by its id'
    return { recoverySeconds, detail }
  },
}
