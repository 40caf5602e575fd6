import {
  Auction,
  Coupon,
  FlashSale,
  Giveaway,
  type ProductId,
  ShelfItem,
  Show,
  type ShowId,
  type ShowSnapshot,
  WaitingRoom,
} from '@livelot/client/contracts'
import { z } from 'zod'
import { assertThat } from '#kernel/errors'
import type { ShowBody } from './show.ts'

/** A show of two hours runs hundreds of lots; their results are told as they fall and read elsewhere afterwards. */
const closedAuctionsShown = 3

/** One event as the log holds it. Its data was checked where it was written; newer types pass through unread. */
export interface LoggedEvent {
  readonly epoch: string
  readonly seq: number
  readonly atMs: number
  readonly type: string
  readonly version: number
  readonly data: unknown
}

/** A snapshot without what only the reading process knows: its clock and the viewers of this moment. */
export type StoredSnapshot = Omit<ShowSnapshot, 'nowMs' | 'show'> & { readonly show: ShowBody }

const EntryFields = z.object({
  e: z.string().min(1),
  t: z.string().min(1),
  v: z.coerce.number().int().min(1),
  d: z.string(),
  a: z.coerce.number().int(),
})

/** Reads one stream entry: id `<seq>-0` and its flat list of fields. */
export function readEntry(id: string, flat: readonly string[]): LoggedEvent {
  const pairs: Record<string, string> = {}
  for (let i = 0; i + 1 < flat.length; i += 2) pairs[flat[i] as string] = flat[i + 1] as string
  const fields = EntryFields.parse(pairs)
  const seq = Number(id.split('-')[0])
  assertThat(Number.isSafeInteger(seq) && seq > 0, 'an entry of a show’s log is numbered')
  return { epoch: fields.e, seq, atMs: fields.a, type: fields.t, version: fields.v, data: JSON.parse(fields.d) }
}

const ShowField = Show.omit({ viewerCount: true })
const ShelfField = z.array(ShelfItem)
const Units = z.coerce.number().int().min(0)

/** Reads the state hash. Null when it holds no whole state. */
export function readState(hash: Readonly<Record<string, string>>): StoredSnapshot | null {
  const { epoch, seq, show, shelf } = hash
  if (!epoch || seq === undefined || show === undefined || shelf === undefined) return null
  return {
    epoch,
    seq: z.coerce.number().int().min(0).parse(seq),
    show: ShowField.parse(JSON.parse(show)) as ShowBody,
    shelf: ShelfField.parse(JSON.parse(shelf)),
    pinnedProductId: (hash.pinned || null) as ProductId | null,
    slowModeSeconds: Units.parse(hash.slow ?? '0'),
    sales: readSales(hash),
    waitingRooms: readWaitingRooms(hash),
    auctions: readAuctions(hash),
    giveaway: hash.giveaway ? Giveaway.parse(JSON.parse(hash.giveaway)) : null,
    coupons: readCoupons(hash),
  }
}

/** A sale's figures move by scripts that do not rewrite its JSON, so they stand in fields of their own. */
function readSales(hash: Readonly<Record<string, string>>): FlashSale[] {
  return Object.entries(hash)
    .filter(([field]) => field.startsWith('sale:'))
    .map(([field, text]) => {
      const id = field.slice('sale:'.length)
      const base = JSON.parse(text) as Record<string, unknown>
      return FlashSale.parse({
        ...base,
        state: hash[`state:${id}`] ?? base.state,
        remainingUnits: Units.parse(hash[`remaining:${id}`] ?? base.remainingUnits),
        soldUnits: Units.parse(hash[`sold:${id}`] ?? base.soldUnits),
      })
    })
    .sort((a, b) => a.opensAtMs - b.opensAtMs || (a.flashSaleId < b.flashSaleId ? -1 : 1))
}

/** In the order of their sales, which are numbered by the time at which they were made. */
function readWaitingRooms(hash: Readonly<Record<string, string>>): WaitingRoom[] {
  return Object.entries(hash)
    .filter(([field]) => field.startsWith('waiting:'))
    .map(([, text]) => WaitingRoom.parse(JSON.parse(text)))
    .sort((a, b) => (a.flashSaleId < b.flashSaleId ? -1 : 1))
}

/** As with sales: what moves with each bid stands in a field of its own, written by the script that takes the bid. */
function readAuctions(hash: Readonly<Record<string, string>>): Auction[] {
  const auctions = Object.entries(hash)
    .filter(([field]) => field.startsWith('auction:'))
    .map(([field, text]) => {
      const base = JSON.parse(text) as Record<string, unknown>
      const figures = hash[`figures:${field.slice('auction:'.length)}`]
      return Auction.parse(figures === undefined ? base : { ...base, figures: JSON.parse(figures) })
    })
    .sort((a, b) => a.startedAtMs - b.startedAtMs || (a.auctionId < b.auctionId ? -1 : 1))
  const closed = auctions.filter((one) => one.figures.state === 'closed')
  const shown = new Set(closed.slice(-closedAuctionsShown))
  return auctions.filter((one) => one.figures.state === 'running' || shown.has(one))
}

/** A coupon that was ended leaves an empty field. */
function readCoupons(hash: Readonly<Record<string, string>>): Coupon[] {
  return Object.entries(hash)
    .filter(([field, text]) => field.startsWith('coupon:') && text !== '')
    .map(([, text]) => Coupon.parse(JSON.parse(text)))
    .sort((a, b) => (a.couponId < b.couponId ? -1 : 1))
}

export const showField = (show: ShowBody) => ({ show: JSON.stringify(show) })
export const shelfField = (items: readonly ShelfItem[]) => ({ shelf: JSON.stringify(items) })
export const pinnedField = (productId: ProductId | null) => ({ pinned: productId ?? '' })
export const slowField = (seconds: number) => ({ slow: String(seconds) })

export type StateContributor = (showId: ShowId) => Promise<Readonly<Record<string, string>>>
