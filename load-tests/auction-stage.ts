import { type Client, createClient } from '@livelot/client'
import type { Session } from '@livelot/client/contracts'
import type pg from 'pg'
import { each, makeBuyer } from './crowd.ts'
import { type LeanSocket, openLeanSocket } from './lean-socket.ts'
import type { Progress } from './progress.ts'
import { seedBuyers, seedStage } from './seeding.ts'

/** Somebody with a paddle in the show and a connection. */
export interface Bidder {
  readonly accountId: string
  readonly socket: LeanSocket
}

export interface AuctionStage {
  readonly creator: Client
  readonly showId: string
  /** A lot that runs at once; answers the auction's id. */
  startLot(terms: LotTerms): Promise<string>
  /** People of the show with card, address, paddle and an open connection. */
  bidders(count: number, progress: Progress): Promise<Bidder[]>
  /** People without an account who have joined the room. */
  viewers(count: number, progress: Progress): Promise<LeanSocket[]>
}

export interface LotTerms {
  readonly durationSeconds: number
  readonly startPriceMinor: number
  readonly stepMinor: number
}

const SETUP_CONCURRENCY = 16
const acceptedTermsVersion = 1

/** A live show of a creator with lots that begin when they are asked for. */
export async function setAuctionStage(
  database: pg.Client,
  baseUrl: string,
  privateKey: string,
  lots: number,
): Promise<AuctionStage> {
  const stage = await seedStage(database, [lots], privateKey)
  const [variantId = ''] = stage.variantIds
  const creator = createClient({ baseUrl, storage: 'memory' })
  await creator.account.adopt(stage.creator)
  const show = await creator.shows.create({
    title: 'Bench auctions',
    startsAtMs: Date.now(),
    productIds: [stage.productId],
  })
  const { showId } = await creator.shows.start({ showId: show.showId })
  const { tokenUrl } = await creator.cards.config()

  const makeBidder = async (session: Session): Promise<Bidder> => {
    const { client, cardId } = await makeBuyer(baseUrl, session, tokenUrl)
    await client.bidding.enter({ showId, cardId, acceptedTermsVersion })
    client.close()
    return {
      accountId: session.account.accountId,
      socket: await openLeanSocket(baseUrl, session.accessToken),
    }
  }

  return {
    creator,
    showId,
    startLot: async ({ durationSeconds, startPriceMinor, stepMinor }) => {
      const lot = await creator.lots.create({
        showId,
        goods: { kind: 'variant', variantId },
        startPriceMinor,
        terms: {
          type: 'english',
          durationSeconds,
          closing: { kind: 'sudden-death' },
          increments: [{ fromMinor: 0, stepMinor }],
        },
      })
      return (await creator.lots.start({ lotId: lot.lotId })).auctionId
    },
    bidders: async (count, progress) => {
      const sessions = await seedBuyers(database, count, privateKey)
      const made: Bidder[] = []
      progress.begin('bidders enter', count)
      await each(sessions, SETUP_CONCURRENCY, async (session) => {
        made.push(await makeBidder(session))
        progress.tick()
      })
      progress.end()
      return made
    },
    viewers: async (count, progress) => {
      const made: LeanSocket[] = []
      progress.begin('viewers join', count)
      await each(Array.from({ length: count }), SETUP_CONCURRENCY, async () => {
        const socket = await openLeanSocket(baseUrl)
        const answer = await socket.ask('show:join', { showId })
        if (!answer.startsWith('[{"ok":true')) throw new Error(`A viewer could not join: ${answer.slice(0, 200)}`)
        made.push(socket)
        progress.tick()
      })
      progress.end()
      return made
    },
  }
}
