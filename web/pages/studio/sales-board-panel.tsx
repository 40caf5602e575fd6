import type { Money, SalesBoard } from '@livelot/client/contracts'
import { formatClock } from '../../parts/figures.ts'
import type { Loadable } from '../../parts/loadable.ts'
import { formatMoney } from '../../parts/money.ts'
import { ErrorState, Loading, Skeleton } from '../../parts/states.tsx'
import './sales-board-panel.css'

/** What was sold, as it happens. Figures roll in place; nothing around them moves. */
export function SalesBoardPanel({ board }: { board: Loadable<SalesBoard> }) {
  if (board.status === 'failed') return <ErrorState message={board.message} onRetry={board.retry} />
  if (board.status === 'loading')
    return (
      <Loading label="Loading sales" className="board-wait">
        <Skeleton shape="title" />
        <Skeleton />
        <Skeleton />
      </Loading>
    )
  const { paidOrders, paidUnits, gmv, lines } = board.data
  return (
    <>
      <dl className="board-figures figures">
        <div className="board-main">
          <dt>
            <abbr title="Gross merchandise value: items of paid orders, without shipping and tax">GMV</abbr>
          </dt>
          <dd>{gmvWords(gmv)}</dd>
        </div>
        <div>
          <dt>Paid orders</dt>
          <dd>{paidOrders.toLocaleString('en-US')}</dd>
        </div>
        <div>
          <dt>Units</dt>
          <dd>{paidUnits.toLocaleString('en-US')}</dd>
        </div>
      </dl>
      {lines.length === 0 ? (
        <p className="board-none">No paid orders yet. They appear here the moment a bank says yes.</p>
      ) : (
        <ol className="board-lines" aria-label="Newest orders">
          {lines.map((line) => (
            <li key={line.orderNumber}>
              <span className="board-what">
                <strong>{line.buyerName}</strong>{' '}
                <span>
                  {line.units > 1 && `${line.units} × `}
                  {line.productName}
                </span>
              </span>
              <span className="board-amount figures">{formatMoney(line.items)}</span>
              <time className="board-time figures" dateTime={new Date(line.paidAtMs).toISOString()}>
                {formatClock(line.paidAtMs)}
              </time>
            </li>
          ))}
        </ol>
      )}
    </>
  )
}

function gmvWords(gmv: readonly Money[]): string {
  return gmv.length === 0 ? formatMoney({ amountMinor: 0, currency: 'USD' }) : gmv.map(formatMoney).join(' + ')
}
