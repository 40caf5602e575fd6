import { newOperationId } from '@livelot/client'
import { listMyWins, payWin, type Win } from '@livelot/client/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { loadMeans } from '../buying/buyer-means.ts'
import { useSession } from '../data/client.tsx'
import { sentenceOf } from '../data/sentences.ts'
import { useToast } from '../parts/toast.tsx'
import type { PayActions, PayMeans } from './pay-sheet.tsx'
import { winNews } from './win-words.ts'

/** While a payment moves, the page also asks by itself: news that were told during a lost connection are not told again. */
const ASK_AGAIN_MS = 3_000

export const needsBidder = ({ offer }: Win) => offer.state === 'needs_action' || offer.state === 'payment_failed'

const moves = ({ offer }: Win) => offer.state === 'charging' || offer.payBeforeMs !== null

type Wins = {
  wins: readonly Win[]
  /** The one whose payment lies open. */
  open: Win | null
  show: (win: Win) => void
  means: PayMeans
  actions: PayActions
}

/** What the caller won in a show (or anywhere), and paying for it where the saved card was not charged. */
export function useWins(showId: string | null, isExpecting = false): Wins {
  const { client, account } = useSession()
  const queries = useQueryClient()
  const toast = useToast()
  const [openId, setOpenId] = useState<string | null>(null)
  const signedIn = Boolean(account)
  const key = useMemo(() => ['wins', showId, account?.accountId], [showId, account?.accountId])
  const { data: wins = none, refetch } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await client.call(listMyWins, showId ? { showId } : {}, { signal })).items,
    enabled: signedIn,
    refetchInterval: ({ state }) => (isExpecting || state.data?.some(moves) ? ASK_AGAIN_MS : false),
  })
  const put = useCallback(
    (win: Win) => {
      // An answer that is on its way may be older than what was just told, and would take a step of the payment back.
      void queries.cancelQueries({ queryKey: key }, { silent: true })
      queries.setQueryData<Win[]>(key, (before = []) => [
        win,
        ...before.filter((one) => one.offer.offerId !== win.offer.offerId),
      ])
    },
    [queries, key],
  )

  useEffect(() => {
    if (!signedIn) return
    return client.on('settlement:offer-changed', ({ win }) => {
      if (showId !== null && win.showId !== showId) return
      put(win)
      // A runner-up did nothing just now, and the show may be at another lot: it must be said.
      if (win.offer.isRunnerUp && win.offer.state === 'charging') toast(`Lot ${win.lotNumber}: ${winNews(win).words}`)
    })
  }, [client, showId, signedIn, put, toast])

  const open = wins.find(({ offer }) => offer.offerId === openId) ?? null
  const isOpen = open !== null
  const meansKey = useMemo(() => ['means', account?.accountId], [account?.accountId])
  const means = useQuery({ queryKey: meansKey, queryFn: () => loadMeans(client), enabled: signedIn && isOpen })

  const actions = useMemo<PayActions>(
    () => ({
      close: () => setOpenId(null),
      pay: async (cardId) => {
        if (!open) return null
        try {
          put(await client.call(payWin, { offerId: open.offer.offerId, cardId, operationId: newOperationId() }))
          return null
        } catch (error) {
          await refetch()
          return sentenceOf(error)
        }
      },
      saveCard: async (cardToken) => {
        try {
          const card = await client.cards.save({ cardToken })
          await queries.invalidateQueries({ queryKey: meansKey })
          return { cardId: card.cardId }
        } catch (error) {
          return { problem: sentenceOf(error) }
        }
      },
      bankStepDone: () => {
        if (!open?.checkoutId) return
        // Where this is lost, the platform looks at the payment by itself.
        client.checkout
          .continue({ checkoutId: open.checkoutId })
          .then(() => refetch())
          .catch(() => undefined)
      },
    }),
    [client, open, put, refetch, queries, meansKey],
  )

  return {
    wins,
    open,
    show: useCallback((win) => setOpenId(win.offer.offerId), []),
    means: { cards: means.data?.cards ?? [], cardFormUrl: means.data?.cardFormUrl ?? null },
    actions,
  }
}

const none: readonly Win[] = []
