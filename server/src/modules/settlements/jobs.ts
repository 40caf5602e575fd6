import { type JobHandler, jobHandler } from '#kernel/job'
import { auctionClosedJob } from '#modules/auctions'
import type { SettlementService } from './service.ts'

export function settlementJobs(service: Pick<SettlementService, 'begin'>): JobHandler[] {
  return [jobHandler(auctionClosedJob, ({ auctionId }) => service.begin(auctionId))]
}
