import {
  type AuctionHandle,
  type BidAnswer,
  type Client,
  createClient,
  LivelotError,
  newOperationId,
  type Room,
} from '@livelot/client'
import type { AuctionTerms } from '@livelot/client/contracts'
import { pino } from 'pino'
import { createDatabase } from '#infra/postgres/pool'
import { demoPassword } from '../../demo/people.ts'
import type { AuctionEvidence } from './auction-invariants.ts'
import { type ChaosProxy, startChaosProxy } from './chaos-proxy.ts'
import { type ClientJournal, openClientJournal } from './client-journal.ts'
import { type Person, saveCard, signUp } from './night-people.ts'
import { createTaps, turn } from './night-turns.ts'
import type { TestPlatform } from './platform.ts'
import { areInStep, type RoomRecord, recordRoom } from './room-record.ts'
import { statementOf } from './shop-world.ts'

/** One bid as its bidder knows it. */
export interface BidRecord {
  readonly auctionId: string
  readonly bidId: string
  readonly accountId: string
  readonly kind: 'bid' | 'max'
  readonly amountMinor: number
  /** `leading`, `outbid`, the code of a refusal, or that of not knowing. */
  readonly code: string
  readonly receipt: string | null
  readonly askedAtMs: number
  readonly answeredAtMs: number
  /** Asked for again under its id, and answered otherwise. */
  readonly isAnsweredOtherwise: boolean
}

/** Somebody with a client of the SDK, and a balancer's address of the own before the API processes. */
export interface NightBidder {
  readonly accountId: string
  readonly client: Client
  readonly door: ChaosProxy
  readonly room: Room
  readonly journal: BidRecord[]
  readonly file: ClientJournal | null
  readonly tap: () => Promise<void>
}

export interface NightOptions {
  readonly bidderCount?: number
  /** On the shelf of the show. */
  readonly productIds?: readonly string[]
  /** Where everybody connects, each in turn: the API processes where absent, or a balancer before them. */
  readonly ports?: readonly number[]
  /** Where bidders keep journals; they keep none on disk where absent. */
  readonly journalFolder?: string
}

/** Answers after which a bidder does not know whether the bid was taken. */
export const unknownCodes: readonly string[] = ['client.bid_unknown', 'auction.gate_closed', 'request.rate_limited']

export const stepMinor = 100

/** Numbers that a seed gives again. */
export function randomOf(seed: number) {
  let state = seed % 2 ** 31
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
  return { next, upTo: (most: number) => Math.floor(next() * (most + 1)) }
}

type Random = ReturnType<typeof randomOf>
type EnglishTerms = Extract<AuctionTerms, { type: 'english' }>

/** Ten seconds, the least that there is, with one increment for all prices. */
export const termsOf = (closing: EnglishTerms['closing'], more: Partial<EnglishTerms> = {}): EnglishTerms => ({
  type: 'english',
  durationSeconds: 10,
  closing,
  reserveMinor: null,
  isReserveShown: true,
  buyNowMinor: null,
  preBidsAllowed: false,
  increments: [{ fromMinor: 0, stepMinor }],
  ...more,
})

export const suddenDeath = termsOf({ kind: 'sudden-death' })
/** Bidding to the last moves the end once, by five seconds. */
export const softClose = termsOf({ kind: 'soft', extensionSeconds: 5, overtimeSecondsMax: 5 })

/** A live show on a whole platform with bidders at its API processes, half of them at each, and a guest at each. */
export async function openAuctionNight(
  platform: TestPlatform,
  seed: number,
  { bidderCount = 4, productIds = [], journalFolder, ports }: NightOptions = {},
) {
  const log = pino({ level: 'silent' })
  const db = createDatabase({ url: platform.databaseUrl, poolSizeMax: 2, applicationName: 'test', log })
  const rows = <Row>(sql: string, values: unknown[] = []) => db.query<Row>(statementOf(sql), values)
  const apiPorts = ports ?? platform.urls.apis.map((url) => Number(new URL(url).port))
  const doors: ChaosProxy[] = []
  const clients: Client[] = []
  const records: RoomRecord[] = []
  const homes: { readonly door: ChaosProxy; readonly ports: readonly number[]; readonly room: Room }[] = []
  /** The own process first, then the others: where a balancer goes on when one does not answer. */
  const portsFrom = (index: number) => apiPorts.map((_, i) => apiPorts[(index + i) % apiPorts.length] ?? 0)
  const clientAt = async (index: number) => {
    const door = await startChaosProxy(portsFrom(index))
    const client = createClient({ baseUrl: `http://127.0.0.1:${door.port}`, storage: 'memory' })
    doors.push(door)
    clients.push(client)
    return { door, client }
  }
  const enterRoom = async (name: string, { client, door }: { client: Client; door: ChaosProxy }, index: number) => {
    const room = client.joinRoom(showId)
    records.push(recordRoom(name, room))
    homes.push({ door, ports: portsFrom(index), room })
    await room.ready()
    return room
  }

  const { client: host } = await clientAt(0)
  await host.account.signIn({ email: 'mara@demo.livelot', password: demoPassword })
  const { showId } = await host.shows.create({
    title: 'Night of auctions',
    startsAtMs: Date.now(),
    productIds: [...productIds],
  })
  await host.shows.start({ showId })

  const newPerson = async (name: string, index: number): Promise<Person> => {
    const { door, client } = await clientAt(index)
    const accountId = await signUp(client, `${name}-${seed}@night.test`)
    return { accountId, client, door, cardId: await saveCard(client) }
  }
  const bidders = await Promise.all(
    Array.from({ length: bidderCount }, async (_, index): Promise<NightBidder> => {
      const name = `bidder-${index}`
      const { accountId, client, door, cardId } = await newPerson(name, index)
      await client.bidding.enter({ showId, cardId, acceptedTermsVersion: 1 })
      const room = await enterRoom(name, { client, door }, index)
      const file = journalFolder === undefined ? null : openClientJournal(journalFolder, name)
      return { accountId, client, door, room, journal: [], file, tap: createTaps() }
    }),
  )
  for (const [index] of apiPorts.entries()) await enterRoom(`guest ${index}`, await clientAt(index), index)

  const startLot = async (terms: AuctionTerms): Promise<string> => {
    const goods = { kind: 'ad-hoc', title: 'Red cup' } as const
    const { lotId } = await host.lots.create({ showId, goods, startPriceMinor: 1_000, terms })
    return (await host.lots.start({ lotId }, { timeoutMs: 30_000 })).auctionId
  }

  let lanes = 0
  return {
    showId,
    host,
    bidders,
    rows,
    portsFrom,
    newPerson,
    /** A client of somebody of the demo. */
    signIn: async (email: string): Promise<Client> => {
      const { client } = await clientAt(0)
      await client.account.signIn({ email, password: demoPassword })
      return client
    },
    startLot,
    /** Brings everybody back to the own process, where a fault has driven them away. */
    goHome: async (): Promise<void> => {
      await Promise.all(
        homes.map(async ({ door, ports, room }) => {
          const left = new Promise<void>((resolve) => {
            const stop = room.on('status', () => {
              stop()
              resolve()
            })
          })
          door.goTo(ports)
          await left
          await room.ready()
        }),
      )
    },
    /** Everybody bids in these auctions until they are closed for everybody. */
    bidToTheEnd: async (auctionIds: readonly string[]): Promise<void> => {
      await Promise.all(
        bidders.flatMap((bidder) =>
          auctionIds.map((auctionId) => {
            lanes += 1
            return keepBidding(bidder, bidder.room.auction(auctionId), randomOf(seed + lanes * 7_919))
          }),
        ),
      )
    },
    /** What is still on its way after these auctions; nothing when all is over, paid and told. */
    unfinished: async (auctionIds: readonly string[]): Promise<string[]> => {
      const open = await rows<{ what: string }>(unfinishedSql, [auctionIds])
      return [...open.map(({ what }) => what), ...(areInStep(records) ? [] : ['a client has not heard all'])]
    },
    evidence: (auctionIds: readonly string[]): AuctionEvidence => ({
      rows,
      databaseUrl: platform.databaseUrl,
      redisUrl: platform.env.REDIS_URL ?? platform.redisUrl,
      auctionIds,
      provider: { url: platform.env.PAYMENT_URL ?? '', apiKey: platform.env.PAYMENT_API_KEY ?? '' },
      reader: host,
      journal: bidders.flatMap((one) => one.journal),
      rooms: records,
    }),
    close: async () => {
      for (const client of clients) client.close()
      await Promise.all(doors.map((door) => door[Symbol.asyncDispose]()))
      await db.close()
    },
  }
}

export type AuctionNight = Awaited<ReturnType<typeof openAuctionNight>>
const unfinishedSql = `
  SELECT 'an auction is not recorded' AS what FROM unnest($1::uuid[]) AS a (id)
  WHERE NOT EXISTS (SELECT FROM auction_results r WHERE r.auction_id = a.id)
  UNION ALL
  SELECT 'a winner has not paid' FROM auction_results r WHERE r.winner_account_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM auction_offers o WHERE o.auction_id = r.auction_id AND o.state = 'paid')
  UNION ALL
  SELECT 'a checkout is open' FROM checkouts WHERE is_open`

async function keepBidding(bidder: NightBidder, handle: AuctionHandle, random: Random): Promise<void> {
  for (;;) {
    if ((await turn(handle)) === null) return
    await bidder.tap()
    const view = await turn(handle)
    if (view === null) return
    const least = view.nextMinimumMinor
    const choice = random.next()
    if (choice < 0.1) await placeOne(bidder, handle, 'bid', least - 1, random)
    else if (choice < 0.6) await placeOne(bidder, handle, 'bid', least + random.upTo(2) * stepMinor, random)
    else await placeOne(bidder, handle, 'max', least + random.upTo(6) * stepMinor, random)
  }
}

/** An answer is asked for this long, over every outage that a test makes. */
const bidTimeoutMs = 30_000

/** Places a bid and writes its answer down; now and then asks for the same bid again, as after a lost answer. */
export async function placeOne(
  { accountId, journal, file }: NightBidder,
  handle: AuctionHandle,
  kind: 'bid' | 'max',
  amountMinor: number,
  random: Random,
  operationId = newOperationId(),
): Promise<BidAnswer | null> {
  const askedAtMs = Date.now()
  const { auctionId } = handle
  const place = () => placed(handle, kind, amountMinor, operationId)
  file?.intend({ id: operationId, accountId, what: kind, request: { auctionId, amountMinor } })
  const { code, receipt, answer, error } = await place()
  if (answer) file?.answered(operationId, { ...answer })
  else file?.failed(operationId, error)
  const answeredAtMs = Date.now()
  let isAnsweredOtherwise = false
  if (answer !== null && random.next() < 0.1) {
    const again = await place()
    const isUnknown = unknownCodes.includes(again.code)
    isAnsweredOtherwise = !isUnknown && JSON.stringify(again.answer) !== JSON.stringify(answer)
  }
  const bid = { auctionId, bidId: operationId, accountId, kind, amountMinor }
  journal.push({ ...bid, code, receipt, askedAtMs, answeredAtMs, isAnsweredOtherwise })
  return answer
}

async function placed(handle: AuctionHandle, kind: 'bid' | 'max', amountMinor: number, operationId: string) {
  const options = { operationId, timeoutMs: bidTimeoutMs }
  try {
    const answer = await (kind === 'bid' ? handle.bid(amountMinor, options) : handle.maxBid(amountMinor, options))
    return { code: answer.answer as string, receipt: answer.receipt, answer, error: null }
  } catch (error) {
    if (!(error instanceof LivelotError) || error.code === 'client.closed') throw error
    const { receipt } = error.details
    return { code: error.code as string, receipt: typeof receipt === 'string' ? receipt : null, answer: null, error }
  }
}
