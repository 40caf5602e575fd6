import { newOperationId, type Room } from '@livelot/client'
import type { Hold } from '@livelot/client/contracts'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { signInPath, useSession } from '../data/client.tsx'
import { useToast } from '../parts/toast.tsx'
import { holdItem, holdOne, loadMeans, loadQuote } from './buyer-means.ts'
import type { Purchase, PurchaseActions, ReviewStep } from './purchase.ts'
import { refusalOf } from './refusals.ts'
import { useReviewActions } from './use-review-actions.ts'

type Purchasing = {
  purchase: Purchase | null
  actions: PurchaseActions
  buySale: (flashSaleId: string, productName: string) => void
  buyProduct: (productId: string, productName: string, variantId?: string) => void
}

/** The units a buyer may take in one purchase at the list price; the contract's own maximum. */
const UNITS_MAX = 20

const emptyReview = {
  step: 'review',
  quote: null,
  quoteProblem: null,
  hold: null,
  variants: [],
  variantId: null,
  units: 1,
  unitsMax: 1,
  busy: false,
  problem: null,
} as const

/** Carries one purchase from the tap to the order. One at a time: a new tap replaces what came before. */
export function usePurchase(room: Room | null): Purchasing {
  const { client, account } = useSession()
  const toast = useToast()
  const navigate = useNavigate()
  const [purchase, setPurchase] = useState<Purchase | null>(null)
  /** Grows with each tap, so that answers to an earlier one are dropped. */
  const turn = useRef(0)
  const sale = useRef<{ flashSaleId: string; productName: string; again: () => void } | null>(null)
  const holds = useRef(new Map<string, Hold>())

  const begin = useCallback((first: Purchase) => {
    turn.current += 1
    setPurchase(first)
    return turn.current
  }, [])

  const openReview = useCallback(
    async (mine: number, start: Partial<ReviewStep>) => {
      if (!account) return
      const [means, priced] = await Promise.all([
        loadMeans(client),
        start.hold ? loadQuote(client, holdItem(start.hold), account) : undefined,
      ])
      if (turn.current !== mine) return
      setPurchase({ ...emptyReview, address: account.address, ...means, ...priced, ...start })
    },
    [client, account],
  )

  const refuse = useCallback((mine: number, productName: string, error: unknown) => {
    if (turn.current !== mine) return
    const reason = refusalOf(error)
    const canWait = reason.title === 'All reserved'
    setPurchase({
      step: 'refused',
      productName,
      reason,
      waitlist: canWait ? { position: null, joining: false } : null,
    })
  }, [])

  const buySale = useCallback(
    (flashSaleId: string, productName: string) => {
      sale.current = { flashSaleId, productName, again: () => buySale(flashSaleId, productName) }
      if (!account) return void begin({ step: 'sign-in', productName })
      const mine = begin({ step: 'preparing', productName })
      const known = holds.current.get(flashSaleId)
      const stillHeld = known && known.expiresAtMs > client.clock.now() ? known : null
      const reserve = (operationId: string) =>
        room
          ? room.reserve(flashSaleId, 1, { operationId })
          : client.flashSales.reserve({ flashSaleId, units: 1, operationId })
      const held = stillHeld ? Promise.resolve(stillHeld) : holdOne(client, flashSaleId, newOperationId(), reserve)
      held
        .then((hold) => {
          holds.current.set(flashSaleId, hold)
          return openReview(mine, { hold })
        })
        .catch((error: unknown) => refuse(mine, productName, error))
    },
    [account, begin, client, room, openReview, refuse],
  )

  const buyProduct = useCallback(
    (productId: string, productName: string, variantId?: string) => {
      sale.current = null
      if (!account) return void begin({ step: 'sign-in', productName })
      const mine = begin({ step: 'preparing', productName })
      const open = async () => {
        const { variants } = await client.products.get({ productId })
        const wanted = variants.find((one) => one.variantId === variantId && one.availableUnits > 0)
        const variant = wanted ?? variants.find((one) => one.availableUnits > 0) ?? variants[0]
        if (!variant) throw new TypeError(`Product ${productId} has no variants.`)
        const item = { kind: 'variant', variantId: variant.variantId, units: 1 } as const
        const priced = await loadQuote(client, item, account)
        const unitsMax = Math.min(UNITS_MAX, variant.availableUnits)
        await openReview(mine, { variants, variantId: variant.variantId, unitsMax, ...priced })
      }
      open().catch((error: unknown) => refuse(mine, productName, error))
    },
    [account, begin, client, openReview, refuse],
  )

  const review = useReviewActions({ setPurchase, turn, showId: room?.showId ?? null, holds })

  useEffect(() => {
    if (!room) return
    return room.on('flash-sale:waitlist-offered', ({ hold }) => {
      holds.current.set(hold.flashSaleId, hold)
      toast('Your turn: a unit came back and is held for you')
      const mine = begin({ step: 'preparing', productName: sale.current?.productName ?? 'your unit' })
      openReview(mine, { hold }).catch((error: unknown) => refuse(mine, '', error))
    })
  }, [room, begin, openReview, refuse, toast])

  const actions = useMemo<PurchaseActions>(
    () => ({
      ...review,
      close: () => {
        turn.current += 1
        setPurchase(null)
      },
      signIn: () => navigate(signInPath(window.location.pathname)),
      startOver: () => {
        if (!sale.current) return setPurchase(null)
        holds.current.delete(sale.current.flashSaleId)
        sale.current.again()
      },
      joinWaitlist: () => {
        const waitingFor = sale.current
        if (!waitingFor) return
        const mine = turn.current
        const wait = (position: number | null, joining: boolean) =>
          setPurchase((now) =>
            now?.step === 'refused' && turn.current === mine ? { ...now, waitlist: { position, joining } } : now,
          )
        wait(null, true)
        client.flashSales
          .joinWaitlist({ flashSaleId: waitingFor.flashSaleId })
          .then(({ position }) => wait(position, false))
          .catch((error: unknown) => refuse(mine, waitingFor.productName, error))
      },
    }),
    [review, client, navigate, refuse],
  )

  return { purchase, actions, buySale, buyProduct }
}
