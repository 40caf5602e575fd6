import { setTimeout as delay } from 'node:timers/promises'
import type { Session } from '@livelot/client/contracts'
import autocannon from 'autocannon'
import { each } from './crowd.ts'
import { type LeanSocket, numberIn, openLeanSocket } from './lean-socket.ts'
import type { OpenSale, RushStage } from './rush-stage.ts'

const TAP_CONNECTIONS = 256
const TELL_WAIT_MS = 10_000

export interface TapStorm {
  readonly taps: number
  readonly elapsedMs: number
  readonly held: number
  readonly refused: number
  readonly otherAnswers: number
  readonly answerMs: readonly number[]
  /** From the answer with the last unit to the screens, for each viewer that was told. */
  readonly toldMs: readonly number[]
  readonly viewers: number
}

/** People without an account who have joined the room. */
export async function joinViewers(stage: RushStage, count: number): Promise<LeanSocket[]> {
  const { progress, platform, room } = stage
  const viewers: LeanSocket[] = []
  progress.begin('viewers join', count)
  await each(Array.from({ length: count }), 16, async () => {
    const socket = await openLeanSocket(platform.urls.http)
    const answer = await socket.ask('show:join', { showId: room.showId })
    if (!answer.startsWith('[{"ok":true')) throw new Error(`A viewer could not join: ${answer.slice(0, 200)}`)
    viewers.push(socket)
    progress.tick()
  })
  progress.end()
  return viewers
}

/** Everybody taps once, as fast as the taps are answered, while viewers look on. */
export async function tapStorm(
  stage: RushStage,
  sale: OpenSale,
  people: readonly Session[],
  viewers: readonly LeanSocket[],
): Promise<TapStorm> {
  const soldOutTicks: number[] = []
  const isTold = Promise.withResolvers<void>()
  for (const viewer of viewers)
    viewer.onTold = (text) => {
      const at = text.indexOf(`"flash-sale:stock-changed"`)
      if (at < 0 || !text.includes(sale.flashSaleId) || numberIn(text.slice(at), 'remainingUnits') !== 0) return
      soldOutTicks.push(performance.now())
      viewer.onTold = () => undefined
      if (soldOutTicks.length === viewers.length) isTold.resolve()
    }
  let sent = 0
  const answerMs: number[] = []
  let [held, refused, lastHeldTick] = [0, 0, 0]
  const startTick = performance.now()
  stage.progress.begin('taps', people.length)
  const isOver = Promise.withResolvers<void>()
  const options: autocannon.Options = {
    url: stage.platform.urls.http,
    connections: TAP_CONNECTIONS,
    amount: people.length,
    requests: [
      {
        method: 'POST',
        path: `/v1/flash-sales/${sale.flashSaleId}/holds`,
        setupRequest: (request) => {
          const person = people[sent % people.length] as Session
          const operationId = `10000000-0000-7000-8000-${sent.toString(16).padStart(12, '0')}`
          sent += 1
          request.headers = { authorization: `Bearer ${person.accessToken}`, 'content-type': 'application/json' }
          request.body = JSON.stringify({ units: 1, operationId })
          return request
        },
      },
    ],
  }
  const storm = autocannon(options, (error) => (error ? isOver.reject(error) : isOver.resolve()))
  storm.on('response', (_client, status, _bytes, tookMs) => {
    answerMs.push(tookMs)
    if (status === 201) {
      held += 1
      lastHeldTick = performance.now()
    } else if (status === 409) refused += 1
    stage.progress.tick()
  })
  await isOver.promise
  const elapsedMs = performance.now() - startTick
  stage.progress.end()
  await Promise.race([isTold.promise, delay(TELL_WAIT_MS, undefined, { ref: false })])
  for (const viewer of viewers) viewer.onTold = () => undefined
  const toldMs = soldOutTicks.map((tick) => Math.max(0, tick - lastHeldTick))
  const otherAnswers = people.length - held - refused
  return { taps: people.length, elapsedMs, held, refused, otherAnswers, answerMs, toldMs, viewers: viewers.length }
}
