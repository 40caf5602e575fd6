import type { Money, Quote } from '@livelot/client/contracts'
import { formatUnits } from './figures.ts'
import { formatMoney } from './money.ts'
import './money-lines.css'

type Lines = Pick<Quote, 'units' | 'unitPrice' | 'items' | 'discount' | 'shipping' | 'tax' | 'fees' | 'total'>

type MoneyLinesProps = { lines: Lines; taxIncluded?: boolean; refunded?: Money }

/** Every part of what is charged, and nothing that is not. */
export function MoneyLines({ lines, taxIncluded, refunded }: MoneyLinesProps) {
  const free = lines.shipping.amountMinor === 0
  return (
    <dl className="money-lines figures">
      <div>
        <dt>
          {formatUnits(lines.units)} × {formatMoney(lines.unitPrice)}
        </dt>
        <dd>{formatMoney(lines.items)}</dd>
      </div>
      {lines.discount.amountMinor > 0 && (
        <div>
          <dt>Coupon</dt>
          <dd>−{formatMoney(lines.discount)}</dd>
        </div>
      )}
      <div>
        <dt>Shipping</dt>
        <dd>{free ? 'Free' : formatMoney(lines.shipping)}</dd>
      </div>
      <div>
        <dt>Tax{taxIncluded && ', included above'}</dt>
        <dd>{taxIncluded ? '—' : formatMoney(lines.tax)}</dd>
      </div>
      {lines.fees.amountMinor > 0 && (
        <div>
          <dt>Fees</dt>
          <dd>{formatMoney(lines.fees)}</dd>
        </div>
      )}
      <div className="money-total">
        <dt>Total</dt>
        <dd>{formatMoney(lines.total)}</dd>
      </div>
      {refunded && refunded.amountMinor > 0 && (
        <div className="money-refunded">
          <dt>Refunded</dt>
          <dd>−{formatMoney(refunded)}</dd>
        </div>
      )}
    </dl>
  )
}
