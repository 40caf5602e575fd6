import type { Room } from '@livelot/client'
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { useNavigate } from 'react-router'
import { signInPath, useSession } from '../data/client.tsx'
import { useToast } from '../parts/toast.tsx'
import type { Purchase, PurchaseActions } from './purchase.ts'
import { PurchaseFlow } from './purchase-flow.ts'

type Purchasing = {
  purchase: Purchase | null
  actions: PurchaseActions
  buySale: PurchaseFlow['buySale']
  buyProduct: PurchaseFlow['buyProduct']
  /** The code that goes into the next order. */
  couponCode: string | null
  chooseCoupon: (code: string | null) => void
}

/** The page's one purchase, as the sheet shows it. `room` is null where something is bought outside of a show. */
export function usePurchase(room: Room | null): Purchasing {
  const { client, account, showAccount } = useSession()
  const toast = useToast()
  const navigate = useNavigate()
  const [flow] = useState(() => new PurchaseFlow(client, showAccount))
  const [couponCode, chooseCoupon] = useState<string | null>(null)
  const purchase = useSyncExternalStore(flow.state.subscribe, flow.state.getState)

  useEffect(() => {
    flow.account = account ?? null
    flow.room = room
    flow.couponCode = couponCode
  }, [flow, account, room, couponCode])

  const isPaid = purchase?.step === 'paid'
  useEffect(() => {
    // A coupon is used once by one buyer.
    if (isPaid) chooseCoupon(null)
  }, [isPaid])

  useEffect(() => {
    if (!room) return
    return room.on('flash-sale:waitlist-offered', ({ hold }) => {
      toast('Your turn: a unit came back and is held for you')
      flow.takeOffer(hold)
    })
  }, [flow, room, toast])

  const actions = useMemo<PurchaseActions>(() => {
    const { desk, close, joinWaitlist, startOver } = flow
    return {
      close,
      joinWaitlist,
      startOver,
      signIn: () => navigate(signInPath(window.location.pathname)),
      chooseVariant: desk.chooseVariant,
      chooseUnits: desk.chooseUnits,
      chooseCard: desk.chooseCard,
      chooseCoupon: desk.chooseCoupon,
      saveAddress: desk.saveAddress,
      saveCard: desk.saveCard,
      pay: desk.pay,
      bankStepDone: desk.bankStepDone,
      holdExpired: desk.holdExpired,
      giveBack: desk.giveBack,
    }
  }, [flow, navigate])

  return { purchase, actions, buySale: flow.buySale, buyProduct: flow.buyProduct, couponCode, chooseCoupon }
}
