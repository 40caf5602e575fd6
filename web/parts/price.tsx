import type { Money } from '@livelot/client/contracts'
import { classNames } from './class-names.ts'
import { formatMoney } from './money.ts'
import './price.css'

type PriceProps = {
  price: Money
  /** The lowest price of the last 30 days, from recorded history. Shown struck through only when it was higher. */
  compareAt?: Money | null
  size?: 's' | 'm' | 'l' | 'xl'
  from?: boolean
  className?: string
}

export function Price({ price, compareAt, size = 'm', from, className }: PriceProps) {
  const reduced = compareAt && compareAt.amountMinor > price.amountMinor ? compareAt : null
  const savedPercent = reduced ? Math.floor((1 - price.amountMinor / reduced.amountMinor) * 100) : 0
  return (
    <span className={classNames('price', `price-${size}`, reduced && 'price-reduced', className)}>
      {from && <span className="price-from">from </span>}
      <strong className="price-now">
        {reduced && <span className="visually-hidden">Now </span>}
        {formatMoney(price)}
      </strong>
      {reduced && (
        <>
          <span className="visually-hidden">, lowest price of the last 30 days </span>
          <s className="price-was" title="Lowest price of the last 30 days">
            {formatMoney(reduced)}
          </s>
          {savedPercent > 0 && <span className="price-saved">−{savedPercent}%</span>}
        </>
      )}
    </span>
  )
}
