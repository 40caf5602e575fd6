import type { ShowLogEvent } from '../../contracts/index.ts'
import { type PlaceWay, WaitingPlace } from './place.ts'

/** The own places in the waiting rooms of one show. Costs nothing until the first is asked for. */
export class RoomWaiting {
  readonly #way: PlaceWay
  readonly #places = new Map<string, WaitingPlace>()
  readonly #stopListening: () => void
  #accountId: string | null

  constructor(way: PlaceWay) {
    this.#way = way
    this.#accountId = way.session.account?.accountId ?? null
    this.#stopListening = way.session.listen({ accountChanged: (account) => this.#accountChanged(account) })
  }

  place(flashSaleId: string): WaitingPlace {
    const known = this.#places.get(flashSaleId)
    if (known !== undefined) return known
    const place = new WaitingPlace(flashSaleId, this.#way)
    this.#places.set(flashSaleId, place)
    return place
  }

  /** The show's log told something. */
  told({ type }: ShowLogEvent): void {
    if (type.startsWith('flash-sale:') || type.startsWith('waiting-room:')) this.changed()
  }

  changed(): void {
    for (const place of this.#places.values()) place.changed()
  }

  called(flashSaleId: string): void {
    this.#places.get(flashSaleId)?.called()
  }

  reserved(flashSaleId: string): void {
    this.#places.get(flashSaleId)?.reserved()
  }

  /** The room was entered again, or the platform lost its memory. */
  returned(): void {
    for (const place of this.#places.values()) place.returned()
  }

  close(): void {
    this.#stopListening()
    for (const place of this.#places.values()) place.close()
  }

  /** Places are the account's: another one begins without. */
  #accountChanged(account: { readonly accountId: string } | null): void {
    const accountId = account?.accountId ?? null
    if (accountId === this.#accountId) return
    this.#accountId = accountId
    for (const place of this.#places.values()) place.forget()
  }
}
