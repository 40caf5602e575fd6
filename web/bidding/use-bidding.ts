import type { AuctionHandle, AuctionView, Room } from '@livelot/client'
import type { Auction, Currency } from '@livelot/client/contracts'
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useNavigate } from 'react-router'
import { signInPath, useSession } from '../data/client.tsx'
import type { BiddingActions, BiddingView } from './auction-ticket.tsx'
import { BidDesk, type Door } from './bid-desk.ts'
import { tellByTouch } from './bid-sound.ts'
import { keepReceipts } from './receipts.ts'
import { useAllIn } from './use-bid-terms.ts'
import { useEntry } from './use-entry.ts'
import { useStageAuction } from './use-stage-auction.ts'
import { useToldAuction } from './use-told-auction.ts'
import { useWins } from './use-wins.ts'

export type OpenSheet = 'bid' | 'buy' | 'bids' | null

export type PageBidding = ReturnType<typeof useBidding>

type BiddingRoom = { auctions: readonly Auction[]; isConnected: boolean }

const REFUSAL_SHOWN_MS = 5_000

/** Everything that a page needs for bidding in one show. */
export function useBidding(showId: string, room: Room | null, { auctions, isConnected }: BiddingRoom) {
  const navigate = useNavigate()
  const [chosenId, choose] = useState<string | null>(null)
  const [sheet, setSheet] = useState<OpenSheet>(null)
  const { handle, auction } = useStageAuction(room, auctions, chosenId)
  const currency: Currency = auction?.currency ?? 'USD'
  const entry = useEntry(showId, currency)
  const wins = useWins(showId, auction?.own.standing === 'won')
  const paidWins = wins.wins.filter(({ offer }) => offer.state === 'paid').length
  const allIn = useAllIn(auction?.auctionId ?? null, paidWins)
  const [desk] = useState(() => new BidDesk(noDoor))
  const placing = useSyncExternalStore(desk.subscribe, desk.getState)
  const outbidMoments = useOutbidMoments(handle)
  useReceiptKeeper(handle)
  useWinTouch(auction)
  useToldAuction(auction)

  // A bid goes to the auction that it was meant for, also when another one has come up meanwhile.
  useEffect(() => {
    if (room) desk.setDoor(doorOf(room))
  }, [desk, room])

  // News of a bid are over when the price has moved on or the bidder stands otherwise.
  const figuresSeq = auction?.figures.ledgerSeq
  const lastSeq = useRef(figuresSeq)
  useEffect(() => {
    if (lastSeq.current !== figuresSeq && desk.getState().phase === 'accepted') desk.dismiss()
    lastSeq.current = figuresSeq
  }, [desk, figuresSeq])

  // A refusal that asks for nothing has been read by then; the price that it names grows old.
  const isMereNews = placing.phase === 'refused' && placing.refused.next === 'none'
  useEffect(() => {
    if (!isMereNews) return
    const timer = setTimeout(desk.dismiss, REFUSAL_SHOWN_MS)
    return () => clearTimeout(timer)
  }, [desk, isMereNews])

  const auctionId = auction?.auctionId
  const place = useCallback(
    (kind: 'bid' | 'max' | 'buy', amountMinor: number, isSure = false) => {
      setSheet(null)
      if (auctionId) desk.place({ auctionId, kind, amountMinor, currency, isSure })
    },
    [desk, auctionId, currency],
  )
  const isDutch = auction?.terms.type === 'dutch'
  const actions = useMemo<BiddingActions>(
    () => ({
      bid: (amountMinor) => place(isDutch ? 'buy' : 'bid', amountMinor),
      openBidSheet: () => setSheet('bid'),
      openBuySheet: () => (entry.bidder.status === 'entered' ? setSheet('buy') : entry.show()),
      enter: entry.show,
      signIn: () => navigate(signInPath(window.location.pathname)),
      again: desk.again,
      confirm: desk.confirm,
      openMyBids: () => setSheet('bids'),
      fixPayment: wins.show,
    }),
    [place, isDutch, entry.bidder.status, entry.show, navigate, desk, wins.show],
  )

  const view: BiddingView = {
    bidder: entry.bidder,
    placing,
    allIn,
    isConnected,
    win: wins.wins.find((win) => win.auctionId === auctionId) ?? null,
    outbidMoments,
  }
  return { auction, auctions, view, actions, entry, wins, sheet, setSheet, place, choose }
}

const noDoor: Door = () => Promise.reject(new TypeError('A bid was placed before the room was entered.'))

const doorOf =
  (room: Room): Door =>
  ({ auctionId, kind, amountMinor, isSure, operationId }) => {
    const handle = room.auction(auctionId)
    if (kind === 'buy') return handle.buyNow(amountMinor, { operationId })
    return kind === 'max'
      ? handle.maxBid(amountMinor, { operationId, isSure })
      : handle.bid(amountMinor, { operationId, isSure })
  }

/** How often the viewer was outbid in this auction while looking; each time is felt. */
function useOutbidMoments(handle: AuctionHandle | null): number {
  const [moments, setMoments] = useState(0)
  useEffect(() => {
    setMoments(0)
    return handle?.on('outbid', () => {
      setMoments((count) => count + 1)
      tellByTouch('outbid')
    })
  }, [handle])
  return moments
}

function useWinTouch(auction: AuctionView | null): void {
  const wonId = auction?.own.standing === 'won' ? auction.auctionId : null
  const seen = useRef(wonId)
  useEffect(() => {
    if (wonId !== null && wonId !== seen.current) tellByTouch('won')
    seen.current = wonId
  }, [wonId])
}

/** Every answer's receipt stays on this device, refusals too. */
function useReceiptKeeper(handle: AuctionHandle | null): void {
  const { account } = useSession()
  const accountId = account?.accountId
  const records = useSyncExternalStore(handle?.subscribe ?? never, handle?.receipts ?? noReceipts)
  useEffect(() => {
    if (accountId) keepReceipts(accountId, records)
  }, [accountId, records])
}

const never = () => () => undefined
const none = [] as const
const noReceipts = () => none
