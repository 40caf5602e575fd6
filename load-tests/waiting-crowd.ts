import { createHmac } from 'node:crypto'
import type { Client } from '@livelot/client'
import { type Session, waitingRoomDrawPlace, waitingRoomDrawText } from '@livelot/client/contracts'
import { isOk, type LeanSocket, numberIn, openLeanSocket, textIn } from './lean-socket.ts'

/** One account of the crowd, on one connection: somebody who taps once, or a bot that taps as often as it can. */
export interface Waiter {
  readonly session: Session
  readonly isBot: boolean
  readonly socket: LeanSocket
  /** By order of arrival before the opening, from 0; null where the first tap came later or was refused. */
  arrival: number | null
  calledTick: number | null
  /** When this connection was told that nothing is left to reserve, and that the wait is over. */
  takenTick: number | null
  endedTick: number | null
}

/** What a waiter looks for in the frames of the show; anything else would measure the crowd. */
export function listen(waiter: Waiter, flashSaleId: string, onCalled: (waiter: Waiter) => void): void {
  waiter.socket.onTold = (text) => {
    if (text.startsWith('["waiting-room:called"')) {
      waiter.calledTick ??= performance.now()
      return onCalled(waiter)
    }
    if (!text.includes(flashSaleId)) return
    const stock = text.lastIndexOf('"flash-sale:stock-changed"')
    if (stock >= 0 && numberIn(text.slice(stock), 'remainingUnits') === 0) waiter.takenTick ??= performance.now()
    if (text.includes('"endReason":"sold-out"')) waiter.endedTick ??= performance.now()
  }
}

export async function enter(baseUrl: string, showId: string, session: Session, isBot: boolean): Promise<Waiter> {
  const socket = await openLeanSocket(baseUrl, session.accessToken)
  const answer = await socket.ask('show:join', { showId })
  if (!isOk(answer)) throw new Error(`Somebody could not join the room: ${answer.slice(0, 200)}`)
  return { session, isBot, socket, arrival: null, calledTick: null, takenTick: null, endedTick: null }
}

export interface Tap {
  readonly how: string
  readonly answerMs: number
}

/** One tap on the line: `early`, `waiting`, `called`, or the code of the refusal. */
export async function tap({ socket }: Waiter, flashSaleId: string): Promise<Tap> {
  const startTick = performance.now()
  const answer = await socket.ask('waiting-room:join', { flashSaleId })
  const how = isOk(answer) ? textIn(answer, 'how') : textIn(answer, 'code')
  return { how: how ?? 'unreadable', answerMs: performance.now() - startTick }
}

/** A card as a browser saves it, then from the tap on reserve to the paid order, all by the SDK. */
export async function buyInTurn(
  client: Client,
  flashSaleId: string,
  tokenUrl: string,
  onReserved: () => void,
): Promise<string | null> {
  const { hold } = await client.flashSales.reserve({ flashSaleId, units: 1 })
  onReserved()
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ number: '4242424242424242', expMonth: 12, expYear: 2090, cvc: '123' }),
  })
  const token = (await response.json()) as { id?: string }
  if (!response.ok || !token.id) throw new Error(`The provider made no card token: HTTP ${response.status}`)
  const { cardId } = await client.cards.save({ cardToken: token.id })
  const item = { kind: 'hold' as const, flashSaleId, holdId: hold.holdId }
  const quote = await client.checkout.quote({ item })
  const started = await client.checkout.start({ item, cardId, expectedTotal: quote.total })
  const checkout = started.state === 'paid' ? started : await client.checkout.wait(started.checkoutId)
  return checkout.state === 'paid' ? checkout.orderId : null
}

/** The draw as anybody can work it out from the seed: accounts in the order in which they are called. */
export function drawn(seed: Buffer, flashSaleId: string, accountIds: readonly string[]): string[] {
  const placed = accountIds.map((accountId) => ({
    accountId,
    place: waitingRoomDrawPlace(
      createHmac('sha256', seed).update(waitingRoomDrawText(flashSaleId, accountId)).digest(),
    ),
  }))
  return placed.sort((one, two) => one.place - two.place).map(({ accountId }) => accountId)
}
