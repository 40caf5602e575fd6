import type { ReceiptRecord } from '@livelot/client'
import type { MyBid, Win } from '@livelot/client/contracts'
import { Gavel } from 'lucide-react'
import { Badge } from '../parts/badge.tsx'
import { Button, ButtonLink } from '../parts/button.tsx'
import type { Loadable } from '../parts/loadable.ts'
import { Picture } from '../parts/picture.tsx'
import { EmptyState, ErrorState, Loading, Skeleton } from '../parts/states.tsx'
import { formatBid } from './amounts.ts'
import { paddleWords } from './bidding.ts'
import './my-bids.css'
import { ReceiptCard } from './receipt-card.tsx'
import { type LedgerCheck, useLedgerCheck } from './use-ledger-check.ts'
import { winNews } from './win-words.ts'

export type MyBidsProps = {
  bids: Loadable<MyBid[]>
  receipts: readonly ReceiptRecord[]
  wins: readonly Win[]
  onFixPayment: (win: Win) => void
}

/** Every auction that the caller bid in, with the proof of each answer. */
export function MyBids({ bids, receipts, wins, onFixPayment }: MyBidsProps) {
  if (bids.status === 'failed') return <ErrorState message={bids.message} onRetry={bids.retry} />
  if (bids.status === 'loading')
    return (
      <Loading label="Loading your bids" className="my-bids">
        <Skeleton shape="title" />
        <Skeleton />
        <Skeleton />
      </Loading>
    )
  if (bids.data.length === 0)
    return (
      <EmptyState icon={<Gavel aria-hidden="true" />} title="No bids yet">
        Each lot that you bid on is listed here, with a signed receipt of every answer.
      </EmptyState>
    )
  return (
    <ul className="my-bids">
      {bids.data.map((bid) => (
        <MyBidRow
          key={bid.auction.auctionId}
          bid={bid}
          records={receipts.filter(({ auctionId }) => auctionId === bid.auction.auctionId)}
          win={wins.find(({ auctionId }) => auctionId === bid.auction.auctionId) ?? null}
          onFixPayment={onFixPayment}
        />
      ))}
    </ul>
  )
}

const standings = {
  leading: { words: 'Leading', tone: 'money' },
  outbid: { words: 'Outbid', tone: 'warning' },
  won: { words: 'Won', tone: 'money' },
  lost: { words: 'Not won', tone: 'neutral' },
} as const

type RowProps = {
  bid: MyBid
  records: readonly ReceiptRecord[]
  win: Win | null
  onFixPayment: MyBidsProps['onFixPayment']
}

function MyBidRow({ bid, records, win, onFixPayment }: RowProps) {
  const { auction, maximumMinor } = bid
  const { currency, figures } = auction
  const look = standings[bid.standing]
  const money = (amountMinor: number) => formatBid({ amountMinor, currency })
  const closed = figures.state === 'closed'
  const ledger = useLedgerCheck(auction.auctionId, records)
  const verdicts = ledger.check.status === 'done' ? ledger.check.receipts : null
  return (
    <li className="my-bid">
      <div className="my-bid-head">
        <Picture src={auction.pictureUrl} alt="" />
        <div className="my-bid-words">
          <h3>
            Lot <span className="figures">{auction.lotNumber}</span>, {auction.title}
          </h3>
          <p className="figures">
            {closed ? resultOf(bid, money) : `Now ${money(figures.priceMinor)}`} · your highest {money(maximumMinor)}
          </p>
        </div>
        <Badge tone={look.tone}>{look.words}</Badge>
      </div>
      {win && <WinLine win={win} onFixPayment={onFixPayment} />}
      <ul className="my-bid-receipts">
        {[...records].reverse().map((record) => (
          <li key={record.bidId}>
            <ReceiptCard record={record} currency={currency} verdict={verdicts?.get(record.bidId) ?? null} />
          </li>
        ))}
        <Elsewhere bid={bid} records={records} money={money} />
      </ul>
      {closed && (
        <>
          <div className="my-bid-ledger">
            <Button tone="outline" size="s" busy={ledger.check.status === 'checking'} onClick={ledger.run}>
              Check the ledger
            </Button>
            <Button tone="ghost" size="s" onClick={ledger.download}>
              Download it
            </Button>
          </div>
          <LedgerVerdict check={ledger.check} />
        </>
      )}
    </li>
  )
}

function resultOf({ auction, standing }: MyBid, money: (amountMinor: number) => string): string {
  const { figures } = auction
  if (figures.outcome === 'unsold') return 'Not sold'
  const price = money(figures.priceMinor)
  if (standing === 'won') return `Yours for ${price}`
  return figures.leader ? `Sold to ${paddleWords(figures.leader)} for ${price}` : `Sold for ${price}`
}

function WinLine({ win, onFixPayment }: { win: Win; onFixPayment: MyBidsProps['onFixPayment'] }) {
  const news = winNews(win)
  return (
    <div className={`my-bid-win my-bid-win-${news.tone}`}>
      <p>{news.words}</p>
      {news.step && (
        <Button tone="buy" size="s" onClick={() => onFixPayment(win)}>
          {news.step === 'bank' ? 'Confirm it' : 'Pay now'}
        </Button>
      )}
      {win.offer.state === 'paid' && win.orderId && (
        <ButtonLink tone="ghost" size="s" to={`/orders/${win.orderId}`}>
          The order
        </ButtonLink>
      )}
    </div>
  )
}

const kindWords = { bid: 'Bid', max: 'Maximum', 'pre-bid': 'Bid ahead', buy: 'Buy' } as const

/** Accepted bids whose receipts were given to another device, or came from before the start. */
function Elsewhere({ bid, records, money }: Pick<RowProps, 'bid' | 'records'> & { money: (minor: number) => string }) {
  const known = new Set<string>(records.map(({ bidId }) => bidId))
  return bid.bids
    .filter(({ bidId }) => !known.has(bidId))
    .map(({ bidId, kind, amountMinor, ledgerSeq }) => (
      <li key={bidId} className="my-bid-other figures">
        {kindWords[kind]} {money(amountMinor)}, entry {ledgerSeq} of the ledger
        {kind !== 'pre-bid' && '; its receipt is on the device it was placed with'}
      </li>
    ))
}

function LedgerVerdict({ check }: { check: LedgerCheck }) {
  if (check.status === 'failed')
    return (
      <p className="my-bid-verdict my-bid-wrong" role="alert">
        {check.sentence}
      </p>
    )
  if (check.status !== 'done') return null
  const { verdict, entries } = check
  if (!verdict.ok)
    return (
      <div className="my-bid-verdict my-bid-wrong" role="alert">
        <p>This ledger is not in order:</p>
        <ul>
          {verdict.problems.slice(0, 5).map(({ seq, field, problem }) => (
            <li key={`${seq}-${field}-${problem}`}>
              {seq !== null && `Entry ${seq}${field && `, ${field}`}: `}
              {problem}
            </li>
          ))}
        </ul>
      </div>
    )
  return (
    <p className="my-bid-verdict my-bid-right" role="status">
      In order: all {entries} entries stand unbroken, and price and winner follow from them by the rules.{' '}
      {verdict.isSigned ? 'The platform has signed it.' : (verdict.signatureNote ?? 'The signature was not checked.')}
    </p>
  )
}
