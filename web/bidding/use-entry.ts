import { type Client, isRefusal } from '@livelot/client'
import { type Address, bidTermsVersion, type Currency } from '@livelot/client/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { loadMeans } from '../buying/buyer-means.ts'
import { useSession } from '../data/client.tsx'
import { sentenceOf } from '../data/sentences.ts'
import type { Bidder } from './bidding.ts'
import type { EntryActions, EntryEnd, EntryMeans, EntryState } from './entry-sheet.tsx'
import { refusedOf } from './refusals.ts'

type Entering = {
  bidder: Bidder
  open: boolean
  show: () => void
  state: EntryState
  actions: EntryActions
}

type Means = Omit<EntryMeans, 'address'>

/** The caller's paddle in a show, and the sheet by which one is had. */
export function useEntry(showId: string, currency: Currency): Entering {
  const { client, account, showAccount } = useSession()
  const queries = useQueryClient()
  const [open, setOpen] = useState(false)
  const accountId = account?.accountId ?? null
  const entryKey = useMemo(() => ['entry', showId, accountId], [showId, accountId])
  const own = useQuery({
    queryKey: entryKey,
    queryFn: ({ signal }) => client.bidding.myEntry({ showId }, { signal }),
    enabled: accountId !== null,
  })
  const meansKey = useMemo(() => ['means', accountId], [accountId])
  const means = useQuery({ queryKey: meansKey, queryFn: () => loadMeans(client), enabled: open && accountId !== null })
  const changeMeans = useCallback(
    (change: (before: Means) => Means) =>
      queries.setQueryData<Means>(meansKey, (before) => (before ? change(before) : before)),
    [queries, meansKey],
  )

  const actions = useMemo<EntryActions>(
    () => ({
      close: () => setOpen(false),
      reload: () => {
        void own.refetch()
        void means.refetch()
      },
      chooseCard: (cardId) => changeMeans((before) => ({ ...before, cardId })),
      saveAddress: async (address: Address) => {
        try {
          showAccount(await client.account.setAddress(address))
          return null
        } catch (error) {
          return sentenceOf(error)
        }
      },
      saveCard: async (cardToken) => {
        try {
          const card = await client.cards.save({ cardToken })
          changeMeans((before) => {
            const others = before.cards.filter((one) => one.cardId !== card.cardId)
            return { ...before, cards: [card, ...others], cardId: card.cardId }
          })
          return null
        } catch (error) {
          return sentenceOf(error)
        }
      },
      enter: async (limitMinor) => {
        const cardId = means.data?.cardId
        if (!cardId) return { problem: 'Add a card to go on.', bankUrl: null }
        const end = await enter(client, { showId, cardId, limitMinor, currency })
        if (end.problem === null) setOpen(false)
        // Also after a refusal: what stands in the way may be another thing now.
        await own.refetch()
        return end
      },
    }),
    [client, showAccount, changeMeans, own.refetch, means.refetch, means.data?.cardId, showId, currency],
  )

  return {
    bidder: bidderOf(account === undefined ? undefined : accountId, own),
    open,
    show: useCallback(() => setOpen(true), []),
    state: stateOf({ own, means, address: account?.address ?? null, currency }),
    actions,
  }
}

type Own = {
  data: Awaited<ReturnType<Client['bidding']['myEntry']>> | undefined
  error: unknown
  isError: boolean
}

function bidderOf(accountId: string | null | undefined, own: Own): Bidder {
  if (accountId === null) return { status: 'guest' }
  if (accountId === undefined) return { status: 'unknown' }
  if (own.data?.entry) {
    // Who holds a paddle may still be barred by the host, or owe a deposit since.
    return own.data.missing.length === 0
      ? { status: 'entered', entry: own.data.entry }
      : { status: 'outside', missing: own.data.missing }
  }
  if (own.data) return { status: 'outside', missing: own.data.missing }
  return own.isError ? { status: 'failed', sentence: sentenceOf(own.error) } : { status: 'unknown' }
}

type Loaded = {
  own: Own
  means: { data: Means | undefined; error: unknown; isError: boolean }
  address: Address | null
  currency: Currency
}

function stateOf({ own, means, address, currency }: Loaded): EntryState {
  const error = own.isError ? own.error : means.isError ? means.error : null
  if (own.data && means.data) {
    const { entry, missing } = own.data
    const cardId = means.data.cardId ?? entry?.cardId ?? null
    return { status: 'ready', means: { ...means.data, cardId, address }, missing, entry, currency }
  }
  return error === null ? { status: 'loading' } : { status: 'failed', sentence: sentenceOf(error) }
}

type Wanted = { showId: string; cardId: string; limitMinor: number | null; currency: Currency }

async function enter(client: Client, { showId, cardId, limitMinor, currency }: Wanted): Promise<EntryEnd> {
  try {
    await client.bidding.enter({ showId, cardId, limitMinor, acceptedTermsVersion: bidTermsVersion })
    return { problem: null, bankUrl: null }
  } catch (error) {
    const url = isRefusal(error, 'bid.not_eligible') ? error.details.actionUrl : null
    const bankUrl = typeof url === 'string' && url.startsWith('http') ? url : null
    return { problem: refusedOf(error, currency).sentence, bankUrl }
  }
}
