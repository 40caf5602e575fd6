export { unitReferenceOf } from './auction.ts'
export { type Auctions, type AuctionsOptions, createAuctions } from './auctions.ts'
export { auctionClosedJob } from './jobs.ts'
export type { AuctionShows, Deposits, SavedCards } from './needs.ts'
