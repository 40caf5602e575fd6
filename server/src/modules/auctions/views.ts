import type { AccountId, Auction, AuctionId, MyBid, ShowId } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import type { Actor } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import { type AuctionRecord, publicPart, toAuction } from './auction.ts'
import { auctionStore } from './auction-store.pg.ts'
import type { AuctionGate } from './gate.ts'
import type { GateKeeper } from './gate-keeper.ts'
import { ledgerStore } from './ledger-store.pg.ts'
import { myBidStore } from './my-bid-store.pg.ts'
import { closedAuctionsTold } from './record-limits.ts'

export interface ViewParts {
  readonly database: Database
  readonly gate: AuctionGate
  readonly keeper: GateKeeper
}

/** Auctions as people see them: what was frozen at the start, with the figures of this moment. */
export function createAuctionViews({ database, gate, keeper }: ViewParts) {
  /** The first entry, copied now where it is only in Redis yet; null while there is none. */
  const startOf = async (auction: AuctionRecord) => {
    const recorded = await ledgerStore.first(database, auction.auctionId)
    if (recorded || auction.closedAtMs !== null) return recorded
    await keeper.copyLog(auction)
    return await ledgerStore.first(database, auction.auctionId)
  }

  const figuresOf = async (auction: AuctionRecord) => {
    const standing = auction.closedAtMs === null ? await gate.figures(auction).catch(() => null) : null
    return standing?.figures ?? (await ledgerStore.last(database, auction.auctionId))?.figures ?? null
  }

  /** Null where it has not begun yet, because Redis was away. */
  const ofRecord = async (auction: AuctionRecord, viewer: Actor): Promise<Auction | null> => {
    const start = await startOf(auction)
    const figures = start && (await figuresOf(auction))
    if (!figures) return null
    const isHost = viewer.kind === 'account' && viewer.creatorId === auction.creatorId
    return toAuction(auction, start.atMs, figures, isHost || figures.state === 'closed')
  }

  return {
    ofRecord,

    /** Refuses: auction.not_found. */
    get: async (auctionId: AuctionId, viewer: Actor): Promise<Auction> => {
      const auction = await auctionStore.byId(database, auctionId)
      const told = auction && (await ofRecord(auction, viewer))
      if (!told) throw new Refusal('auction.not_found')
      return told
    },

    /** Fields of the show's state that belong to its auctions, for when that state is rebuilt. */
    showFields: async (showId: ShowId): Promise<Record<string, string>> => {
      const [running, closed] = await Promise.all([
        auctionStore.runningOfShow(database, showId),
        auctionStore.closedOfShow(database, showId, { skip: 0, limit: closedAuctionsTold }),
      ])
      const fields: Record<string, string> = {}
      for (const auction of [...running, ...closed]) {
        const told = await ofRecord(auction, { kind: 'guest' })
        if (!told) continue
        // As the gate writes it: a reserve is told by the ledger, never by the room.
        fields[`auction:${auction.auctionId}`] = JSON.stringify({ ...told, terms: publicPart(auction).terms })
        fields[`figures:${auction.auctionId}`] = JSON.stringify(told.figures)
      }
      return fields
    },

    /** Auctions that the account bid in, newest first, as Postgres knows them: a tenth of a second old. */
    listMine: async (accountId: AccountId, showId: ShowId | null): Promise<{ items: MyBid[] }> => ({
      items: await myBidStore.list(database, accountId, showId),
    }),
  }
}

export type AuctionViews = ReturnType<typeof createAuctionViews>
