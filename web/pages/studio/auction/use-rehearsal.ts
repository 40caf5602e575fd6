import { createRehearsal, newOperationId, type Rehearsal } from '@livelot/client'
import { type Auction, type AuctionFigures, incrementTables, type Lot } from '@livelot/client/contracts'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useServerNow } from '../../../parts/clock.tsx'
import type { AuctionDesk } from './auction-model.ts'

const BIDDERS = 8

type Stage = { lots: readonly Lot[]; auctions: readonly Auction[] }
type ShowDesk = Omit<AuctionDesk, 'rehearse' | 'stopRehearsal'>

/** A desk with the same queue whose lots are run here, with made-up bidders. Nothing of it leaves the page. */
export function useRehearsal(desk: ShowDesk): AuctionDesk {
  const now = useServerNow()
  const [stage, setStage] = useState<Stage | null>(null)
  const runs = useRef<Rehearsal[]>([])
  const { showState, lots } = desk

  const stop = useCallback(() => {
    for (const run of runs.current) run.stop()
    runs.current = []
    setStage(null)
  }, [])
  // Whoever goes live leaves the rehearsal behind.
  useEffect(() => {
    if (showState !== 'scheduled') stop()
  }, [showState, stop])
  useEffect(() => stop, [stop])

  const start = useCallback(
    async (lot: Lot) => {
      const shell = { ...auctionOf(lot), startedAtMs: now() }
      const run = createRehearsal({
        auction: shell,
        bidders: BIDDERS,
        seed: crypto.getRandomValues(new Uint32Array(1))[0] ?? 1,
        now,
        onFigures: (figures) => setStage((before) => before && withFigures(before, { ...shell, figures })),
      })
      runs.current.push(run)
      return null
    },
    [now],
  )
  const rehearse = useCallback(() => {
    if (lots.status !== 'ready') return
    setStage({ lots: lots.data.filter((lot) => lot.state === 'prepared'), auctions: [] })
  }, [lots])

  return useMemo(() => {
    const stopRehearsal = stop
    if (!stage) return { ...desk, rehearse: showState === 'scheduled' ? rehearse : null, stopRehearsal }
    return {
      ...desk,
      isRehearsal: true,
      lots: { status: 'ready', data: stage.lots },
      auctions: stage.auctions,
      payments: {},
      results: resultsOf(stage),
      fairness: null,
      paddles: { status: 'ready', data: [] },
      actions: { ...desk.actions, start },
      rehearse: null,
      stopRehearsal,
    }
  }, [desk, rehearse, showState, stage, start, stop])
}

function auctionOf(lot: Lot): Omit<Auction, 'figures' | 'startedAtMs'> {
  const { lotId, showId, productId, title, pictureUrl, startPrice, terms } = lot
  const { currency, amountMinor } = startPrice
  const own = terms.type === 'english' ? terms.increments : null
  return {
    auctionId: newOperationId() as string as Auction['auctionId'],
    showId,
    lotId,
    lotNumber: lot.number,
    productId,
    title,
    pictureUrl,
    currency,
    startPriceMinor: amountMinor,
    terms,
    increments: own ?? [...incrementTables[currency]],
  }
}

const stateOf = ({ state, outcome }: AuctionFigures): Lot['state'] =>
  state === 'running' ? 'running' : outcome === 'unsold' ? 'unsold' : 'sold'

function withFigures({ lots, auctions }: Stage, auction: Auction): Stage {
  const { auctionId, lotId, figures } = auction
  return {
    lots: lots.map((lot) => (lot.lotId === lotId ? { ...lot, auctionId, state: stateOf(figures) } : lot)),
    auctions: [...auctions.filter((one) => one.auctionId !== auctionId), auction],
  }
}

function resultsOf({ lots, auctions }: Stage): AuctionDesk['results'] {
  return lots
    .filter((lot) => lot.state === 'sold' || lot.state === 'unsold')
    .map((lot) => ({
      lot,
      auction: auctions.find((one) => one.auctionId === lot.auctionId) ?? null,
      payment: undefined,
    }))
    .sort((one, two) => (two.auction?.startedAtMs ?? 0) - (one.auction?.startedAtMs ?? 0))
}
