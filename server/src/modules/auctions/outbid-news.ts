import { type AccountId, type AuctionId, type DataOf, outbidTold } from '@livelot/client/contracts'
import type { Teller } from '#kernel/teller'

type News = DataOf<typeof outbidTold>

/** Who is outbid again and again is told of it this often. */
const gapMs = 1_000

export interface OutbidNews {
  /** Somebody else leads now. */
  outbid(accountId: AccountId, news: News): void
  /** This account leads again: what it was not told yet is not so any more. */
  leads(accountId: AccountId, auctionId: AuctionId): void
}

/**
 * Tells bidders on all their devices that they do not lead any more: at once, and then at most once a second with the
 * latest price. Two who bid against each other would otherwise cost a message for each bid; whoever is in the room sees
 * every price there.
 */
export function createOutbidNews(teller: Teller): OutbidNews {
  const waiting = new Map<string, { news: News | null }>()

  const tell = (key: string, accountId: AccountId, news: News): void => {
    teller.toAccount(accountId, outbidTold, news)
    const entry: { news: News | null } = { news: null }
    waiting.set(key, entry)
    setTimeout(() => {
      waiting.delete(key)
      if (entry.news) tell(key, accountId, entry.news)
    }, gapMs).unref()
  }

  return {
    outbid: (accountId, news) => {
      const key = `${news.auctionId}:${accountId}`
      const entry = waiting.get(key)
      if (entry) entry.news = news
      else tell(key, accountId, news)
    },
    leads: (accountId, auctionId) => {
      const entry = waiting.get(`${auctionId}:${accountId}`)
      if (entry) entry.news = null
    },
  }
}
