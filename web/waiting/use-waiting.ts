import type { Room, WaitingView } from '@livelot/client'
import type { FlashSale } from '@livelot/client/contracts'
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useSession } from '../data/client.tsx'
import { useAnnounce } from '../parts/announcer.tsx'
import { useToast } from '../parts/toast.tsx'
import { waitingNews } from './waiting-words.ts'

export type Waiting = {
  view: WaitingView
  join: () => void
  leave: () => void
}

const never = () => () => undefined
const nothing = () => null

/** Whoever was in line finds the own place again after a reload; the server knows it by the account. */
const memoryKey = (flashSaleId: string, accountId: string) => `livelot-waiting:${flashSaleId}:${accountId}`
const inLine: readonly WaitingView['stage'][] = ['early', 'waiting', 'called']

/** The own place in the line of the sale on stage; null where that sale has none. */
export function useWaiting(room: Room | null, sale: FlashSale | null): Waiting | null {
  const { account } = useSession()
  const place = room && sale?.waitingRoom ? room.waiting(sale.flashSaleId) : null
  const view = useSyncExternalStore<WaitingView | null>(place?.subscribe ?? never, place?.getState ?? nothing)
  const key = place && account ? memoryKey(place.flashSaleId, account.accountId) : null
  const isOpen = sale?.state !== 'closed'
  const [asked, setAsked] = useState<string | null>(null)
  useNews(view)

  useEffect(() => {
    if (!place || !key || !isOpen || asked === key) return
    setAsked(key)
    if (sessionStorage.getItem(key)) void place.join()
  }, [place, key, isOpen, asked])

  const stage = view?.stage
  useEffect(() => {
    if (!key || !stage || stage === 'none' || stage === 'joining') return
    if (inLine.includes(stage)) sessionStorage.setItem(key, '1')
    else sessionStorage.removeItem(key)
  }, [key, stage])

  const join = useCallback(() => void place?.join(), [place])
  const leave = useCallback(() => {
    if (key) sessionStorage.removeItem(key)
    // A place that could not be given up passes on by itself when its turn comes.
    place?.leave().catch(() => undefined)
  }, [place, key])
  return view ? { view, join, leave } : null
}

/** Says the turn at once, other changes when there is a pause. */
function useNews(view: WaitingView | null): void {
  const announce = useAnnounce()
  const toast = useToast()
  const before = useRef<WaitingView | null>(null)
  useEffect(() => {
    if (!view) return
    const news = waitingNews(before.current, view)
    const isTurn = view.stage === 'called' && before.current?.stage !== 'called'
    before.current = view
    if (isTurn) {
      announce(news, 'assertive')
      toast('It is your turn: buy before the time is over')
      navigator.vibrate?.(200)
    } else if (news) announce(news)
  }, [view, announce, toast])
}
