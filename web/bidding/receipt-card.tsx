import type { ReceiptRecord } from '@livelot/client'
import type { Currency } from '@livelot/client/contracts'
import { Check, Copy } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../parts/button.tsx'
import { formatMoment } from '../parts/figures.ts'
import { useToast } from '../parts/toast.tsx'
import { formatBid } from './amounts.ts'
import './receipt-card.css'

type ReceiptCardProps = { record: ReceiptRecord; currency: Currency; verdict: { ok: boolean; words: string } | null }

/** Codes that a bidder may meet, in the words of the page; any other one is told as it is. */
const codeWords: Record<string, string> = {
  leading: 'Accepted: you led',
  outbid: 'Accepted, but an earlier maximum was higher',
  'bid.too_low': 'Refused: less than the next bid',
  'bid.own_is_higher': 'Refused: you had bid as much already',
  'bid.raise_too_small': 'Refused: your maximum was raised by too little',
  'bid.over_limit': 'Refused: above your own limit',
  'bid.far_above_price': 'Not placed: far above the price',
  'bid.not_eligible': 'Refused: you could not bid here',
  'auction.closed': 'Refused: after the hammer',
  'auction.not_started': 'Refused: before the start',
  'auction.no_buy_now': 'Refused: could not be bought outright any more',
}

const kindWords = { bid: 'Bid', max: 'Maximum', buy: 'Buy' } as const

/** One signed answer: what was asked, what was said, when, and where in the ledger. */
export function ReceiptCard({ record, currency, verdict }: ReceiptCardProps) {
  const toast = useToast()
  const { payload, code, kind, amountMinor, receipt } = record
  const copy = () => {
    navigator.clipboard.writeText(receipt).then(
      () => toast('Receipt copied'),
      () => toast('The receipt was not copied', 'problem'),
    )
  }
  const accepted = code === 'leading' || code === 'outbid'
  return (
    <details className="receipt">
      <summary>
        <span className="receipt-what figures">
          {kindWords[kind]} {formatBid({ amountMinor, currency })}
        </span>
        <span className={accepted ? 'receipt-code receipt-yes' : 'receipt-code'}>{codeWords[code] ?? code}</span>
      </summary>
      {payload ? (
        <dl className="receipt-facts figures">
          <Fact name="Decided">
            {formatMoment(payload.decidedAtMs)}, {payload.decidedAtMs % 1_000} ms
          </Fact>
          <Fact name="Time left then">
            {payload.timeLeftMs === 0 ? 'none' : `${(payload.timeLeftMs / 1_000).toFixed(2)} s`}
          </Fact>
          <Fact name={accepted ? 'Entry in the ledger' : 'Last entry then'}>{payload.ledgerSeq}</Fact>
          {payload.paddle !== null && <Fact name="Paddle">{payload.paddle}</Fact>}
          {payload.nextMinimumMinor !== null && (
            <Fact name="Next bid then">{formatBid({ amountMinor: payload.nextMinimumMinor, currency })}</Fact>
          )}
          {payload.reason && <Fact name="Reason">{payload.reason.replaceAll('_', ' ')}</Fact>}
        </dl>
      ) : (
        <p className="receipt-note">This receipt cannot be read here. Copy it and check it elsewhere.</p>
      )}
      {verdict && (
        <p className={verdict.ok ? 'receipt-note receipt-yes' : 'receipt-note receipt-no'}>
          {verdict.ok && <Check aria-hidden="true" />}
          {verdict.words}
        </p>
      )}
      <Button tone="outline" size="s" icon={<Copy aria-hidden="true" />} onClick={copy}>
        Copy the signed receipt
      </Button>
    </details>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
