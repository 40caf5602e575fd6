import { type Client, isRefusal, newOperationId, type Room } from '@livelot/client'
import type { Account, Hold } from '@livelot/client/contracts'
import { holdItem, holdOne, loadMeans, loadQuote, type WantedItem } from './buyer-means.ts'
import type { ReviewStep } from './purchase.ts'
import { PurchaseState } from './purchase-state.ts'
import { refusalByTurn, refusalOf } from './refusals.ts'
import { ReviewDesk } from './review-desk.ts'

/** The units that may be taken in one purchase at the list price; the contract's own maximum. */
const UNITS_MAX = 20

const emptyReview = {
  step: 'review',
  quote: null,
  quoteProblem: null,
  takesCoupons: false,
  couponCode: null,
  couponProblem: null,
  hold: null,
  variants: [],
  variantId: null,
  units: 1,
  unitsMax: 1,
  busy: false,
  problem: null,
} as const

type Wanted = { flashSaleId: string; productName: string }

/** Carries one purchase from the tap to the order. One at a time: a new tap replaces what came before. */
export class PurchaseFlow {
  readonly state = new PurchaseState()
  readonly desk: ReviewDesk
  /** Set by the page whenever they change. */
  account: Account | null = null
  room: Room | null = null
  /** The code of a coupon that the buyer wants on the next order. */
  couponCode: string | null = null
  readonly #client: Client
  readonly #holds = new Map<string, Hold>()
  #wanted: Wanted | null = null

  constructor(client: Client, showAccount: (account: Account) => void) {
    this.#client = client
    this.desk = new ReviewDesk(client, this.state, {
      account: () => this.account,
      showAccount: (account) => {
        this.account = account
        showAccount(account)
      },
      showId: () => this.room?.showId ?? null,
      forgetHold: (flashSaleId) => this.#holds.delete(flashSaleId),
      unitsWentBack: (flashSaleId) => this.room?.waiting(flashSaleId).released(),
    })
  }

  readonly buySale = (flashSaleId: string, productName: string): void => {
    this.#wanted = { flashSaleId, productName }
    this.#prepare(productName, async (turn) => {
      const known = this.#holds.get(flashSaleId)
      const isHeld = known && known.expiresAtMs > this.#client.clock.now()
      const hold = isHeld
        ? known
        : await holdOne(this.#client, flashSaleId, newOperationId(), (id) => this.#reserve(id))
      this.#holds.set(flashSaleId, hold)
      await this.#openReview(turn, { hold })
    })
  }

  readonly buyProduct = (productId: string, productName: string, variantId?: string): void => {
    this.#wanted = null
    this.#prepare(productName, async (turn, account) => {
      const { variants } = await this.#client.products.get({ productId })
      const inStock = variants.filter((one) => one.availableUnits > 0)
      const variant = inStock.find((one) => one.variantId === variantId) ?? inStock[0] ?? variants[0]
      if (!variant) throw new TypeError(`Product ${productId} has no variants.`)
      const item = { kind: 'variant', variantId: variant.variantId, units: 1 } as const
      const priced = await loadQuote(this.#client, this.#inShow(item), account, this.couponCode)
      const unitsMax = Math.min(UNITS_MAX, variant.availableUnits)
      await this.#openReview(turn, { variants, variantId: variant.variantId, unitsMax, ...priced })
    })
  }

  /** A unit came back and is held for this buyer now. */
  readonly takeOffer = (hold: Hold): void => {
    this.#holds.set(hold.flashSaleId, hold)
    const productName = this.#wanted?.productName ?? 'your unit'
    this.#wanted = { flashSaleId: hold.flashSaleId, productName }
    this.#prepare(productName, (turn) => this.#openReview(turn, { hold }))
  }

  readonly joinWaitlist = (): void => {
    const wanted = this.#wanted
    const { current, turn } = this.state
    if (!wanted || current?.step !== 'refused') return
    this.state.set(turn, { ...current, waitlist: { position: null, joining: true } })
    this.#client.flashSales
      .joinWaitlist({ flashSaleId: wanted.flashSaleId })
      .then(({ position }) => this.state.set(turn, { ...current, waitlist: { position, joining: false } }))
      .catch((error: unknown) => this.#refuse(turn, wanted.productName, error))
  }

  readonly startOver = (): void => {
    const wanted = this.#wanted
    if (!wanted) {
      this.close()
      return
    }
    this.#holds.delete(wanted.flashSaleId)
    this.buySale(wanted.flashSaleId, wanted.productName)
  }

  readonly close = (): void => {
    this.state.begin(null)
  }

  #prepare(productName: string, work: (turn: number, account: Account) => Promise<void>): void {
    const { account } = this
    if (!account) {
      this.state.begin({ step: 'sign-in', productName })
      return
    }
    const turn = this.state.begin({ step: 'preparing', productName })
    work(turn, account).catch((error: unknown) => this.#refuse(turn, productName, error))
  }

  /** Over the open room where there is one: a rush is decided in milliseconds. */
  #reserve(operationId: string): Promise<{ hold: Hold }> {
    const flashSaleId = this.#wanted?.flashSaleId ?? ''
    if (this.room) return this.room.reserve(flashSaleId, 1, { operationId })
    return this.#client.flashSales.reserve({ flashSaleId, units: 1, operationId })
  }

  /** A coupon is of the show that something is bought in. */
  #inShow(item: Extract<WantedItem, { kind: 'variant' }>): WantedItem {
    return this.room ? { ...item, showId: this.room.showId } : item
  }

  async #openReview(turn: number, start: Partial<ReviewStep>): Promise<void> {
    const { account } = this
    if (!account) return
    const [means, priced] = await Promise.all([
      loadMeans(this.#client),
      start.hold ? loadQuote(this.#client, holdItem(start.hold), account, this.couponCode) : undefined,
    ])
    const takesCoupons = this.room !== null
    this.state.set(turn, { ...emptyReview, takesCoupons, address: account.address, ...means, ...priced, ...start })
  }

  #refuse(turn: number, productName: string, error: unknown): void {
    const sale = this.room?.state.sales.find((one) => one.flashSaleId === this.#wanted?.flashSaleId)
    if (sale?.waitingRoom && isRefusal(error, 'waiting_room.not_your_turn'))
      this.room?.waiting(sale.flashSaleId).released()
    const reason = sale?.waitingRoom ? refusalByTurn(error) : refusalOf(error)
    const waitlist = reason.canWait ? { position: null, joining: false } : null
    this.state.set(turn, { step: 'refused', productName, reason, waitlist })
  }
}
