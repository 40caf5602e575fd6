import { type Client, LivelotError, newOperationId } from '@livelot/client'
import type { Lot } from '@livelot/client/contracts'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useSession } from '../../../data/client.tsx'
import { sentenceOf } from '../../../data/sentences.ts'
import type { AuctionDesk, LotRefusal } from './auction-model.ts'
import type { LotField, LotProblems } from './lot-form.ts'
import { showLots } from './use-lots.ts'

const fieldOfPath: Readonly<Record<string, LotField>> = {
  startPriceMinor: 'price',
  'goods.currency': 'price',
  'terms.durationSeconds': 'duration',
  'terms.closing': 'overtime',
  'terms.reserveMinor': 'reserve',
  'terms.buyNowMinor': 'buyNow',
  'terms.increments': 'bidStep',
  'terms.floorMinor': 'floor',
  'terms.stepMinor': 'drop',
  'terms.stepSeconds': 'dropSeconds',
  'goods.title': 'title',
  'goods.weightGrams': 'weight',
}

type Issue = { path: string; problem: string }
const isIssue = (issue: unknown): issue is Issue =>
  typeof issue === 'object' && issue !== null && 'path' in issue && 'problem' in issue

/** What is wrong with a refused lot, each at its box where it has one. */
export function lotRefusalOf(error: unknown): LotRefusal {
  const sentence = sentenceOf(error)
  if (!(error instanceof LivelotError)) return { sentence, problems: {} }
  const issues = Array.isArray(error.details.issues) ? error.details.issues.filter(isIssue) : []
  const problems: LotProblems = {}
  for (const { path, problem } of issues) {
    const field = fieldOfPath[path]
    if (field) problems[field] = `This ${problem}.`
  }
  return { sentence, problems }
}

type LotActions = AuctionDesk['actions']

/** What the host does with the queue. Each answer is shown at once; the room tells the same to every other screen. */
export function useLotActions(showId: string): LotActions {
  const { client } = useSession()
  const queries = useQueryClient()
  return useMemo(() => lotActions(client, queries, showId), [client, queries, showId])
}

function lotActions(client: Client, queries: QueryClient, showId: string): LotActions {
  const show = (changed: readonly Lot[]) => showLots(queries, showId, changed)
  const creating = new CreationIds()

  const addAll = async (wanted: Omit<Parameters<Client['lots']['create']>[0], 'showId'>, copies: number) => {
    for (let copy = 0; copy < copies; copy += 1) {
      const key = JSON.stringify([wanted, copies, copy])
      show([await client.lots.create({ ...wanted, showId, operationId: creating.idOf(key) })])
    }
    creating.forget()
  }
  const refusalOf = async (work: Promise<unknown>): Promise<LotRefusal | null> => {
    try {
      await work
      return null
    } catch (error) {
      return lotRefusalOf(error)
    }
  }
  const sentenceOfWork = async (work: Promise<unknown>): Promise<string | null> =>
    (await refusalOf(work))?.sentence ?? null

  return {
    start: (lot) => sentenceOfWork(client.lots.start({ lotId: lot.lotId })),
    add: ({ copies, goods, startPriceMinor, terms }) => refusalOf(addAll({ goods, startPriceMinor, terms }, copies)),
    change: (lot, price) => refusalOf(client.lots.change({ lotId: lot.lotId, ...price }).then((told) => show([told]))),
    move: (lot, beforeLotId) =>
      sentenceOfWork(client.lots.move({ lotId: lot.lotId, beforeLotId }).then(({ items }) => show(items))),
    remove: (lot) =>
      sentenceOfWork(client.lots.remove({ lotId: lot.lotId }).then(() => showLots(queries, showId, [], [lot.lotId]))),
    bar: (paddle, isBarred) =>
      sentenceOfWork(
        client.bidding
          .bar({ showId, paddle, isBarred })
          .then(() => queries.invalidateQueries({ queryKey: ['paddles', showId] })),
      ),
  }
}

/** One id for each wanted lot until all of them stand, so that adding again after a lost answer makes none twice. */
class CreationIds {
  readonly #ids = new Map<string, string>()

  idOf(key: string): string {
    const known = this.#ids.get(key) ?? newOperationId()
    this.#ids.set(key, known)
    return known
  }

  forget(): void {
    this.#ids.clear()
  }
}
