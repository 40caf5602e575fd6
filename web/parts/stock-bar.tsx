import { classNames } from './class-names.ts'
import './stock-bar.css'

type StockBarProps = {
  leftUnits: number
  totalUnits: number
  /** In other people's carts: they may come back. */
  heldUnits?: number
}

/** Few are left from a fifth on, but never more than twenty: "18 left" is news of 100 units and not of 20,000. */
const isLow = (left: number, total: number) => left > 0 && left <= Math.min(20, Math.ceil(total / 5))

export function StockBar({ leftUnits, totalUnits, heldUnits = 0 }: StockBarProps) {
  const low = isLow(leftUnits, totalUnits)
  const words =
    leftUnits > 0
      ? `${leftUnits.toLocaleString('en-US')} of ${totalUnits.toLocaleString('en-US')} left`
      : heldUnits > 0
        ? 'All reserved — some may come back'
        : 'Sold out'
  return (
    <div className={classNames('stock', low && 'stock-low', leftUnits === 0 && 'stock-none')}>
      <meter
        className="stock-meter"
        aria-label="Units left"
        aria-valuetext={words}
        min={0}
        max={Math.max(1, totalUnits)}
        value={leftUnits}
      />
      <span className="stock-words figures" aria-hidden="true">
        {words}
      </span>
    </div>
  )
}
