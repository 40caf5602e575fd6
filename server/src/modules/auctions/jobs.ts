import { AccountId, AuctionId, ShowId } from '@livelot/client/contracts'
import { z } from 'zod'
import { type JobHandler, job, jobHandler } from '#kernel/job'
import { showStandingChangedJob } from '#modules/live'
import type { EntryService } from './entries.ts'

/** An auction's result is written; whoever settles it goes on from there. Written with the result, in one transaction. */
export const auctionClosedJob = job({ name: 'auctions.closed', payload: z.strictObject({ auctionId: AuctionId }) })

/** What counts against a bidder changed: the desks of running shows must hear of it. */
export const bidderChangedJob = job({
  name: 'auctions.bidder-changed',
  payload: z.strictObject({ accountId: AccountId }),
})

/** A lot went on to a runner-up: it counts to the own limit at the desk too. */
export const lotTakenOverJob = job({
  name: 'auctions.lot-taken-over',
  payload: z.strictObject({ showId: ShowId, auctionId: AuctionId, accountId: AccountId, amountMinor: z.int().min(1) }),
})

/** For the worker process. The close of an auction is handled by the module that settles it. */
export function auctionJobs(entries: EntryService): JobHandler[] {
  return [
    jobHandler(bidderChangedJob, ({ accountId }) => entries.bidderChanged(accountId)),
    jobHandler(lotTakenOverJob, ({ showId, ...takeover }) => entries.bindTakeover(showId, takeover)),
    jobHandler(showStandingChangedJob, ({ showId, accountId }) => entries.standingChanged(showId, accountId)),
  ]
}
