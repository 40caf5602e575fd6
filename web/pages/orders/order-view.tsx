import type { Order } from '@livelot/client/contracts'
import { ChevronLeft } from 'lucide-react'
import { Link } from 'react-router'
import { countryName } from '../../buying/countries.ts'
import { Badge } from '../../parts/badge.tsx'
import { formatMoment } from '../../parts/figures.ts'
import type { Loadable } from '../../parts/loadable.ts'
import { MoneyLines } from '../../parts/money-lines.tsx'
import { Picture } from '../../parts/picture.tsx'
import { ErrorState, Loading, Skeleton } from '../../parts/states.tsx'
import { orderLook, stepWords } from './order-state.ts'
import './orders.css'

export function OrderView({ order }: { order: Loadable<Order> }) {
  return (
    <div className="page page-narrow order">
      <Link to="/orders" className="order-back">
        <ChevronLeft aria-hidden="true" />
        All orders
      </Link>
      {order.status === 'failed' && <ErrorState message={order.message} onRetry={order.retry} />}
      {order.status === 'loading' && (
        <Loading label="Loading the order" className="order-wait">
          <Skeleton shape="title" />
          <Skeleton />
          <Skeleton shape="block" />
        </Loading>
      )}
      {order.status === 'ready' && <OrderDetail order={order.data} />}
    </div>
  )
}

function OrderDetail({ order }: { order: Order }) {
  const look = orderLook(order.state)
  const { address } = order
  return (
    <>
      <header className="order-head">
        <h1>
          Order <span className="figures">{order.orderNumber}</span>
        </h1>
        <Badge tone={look.tone}>{look.words}</Badge>
      </header>
      <div className="order-item">
        <Picture src={order.pictureUrl} alt="" eager />
        <div>
          <p className="orders-meta">{order.brandName}</p>
          <h2>
            <Link to={`/products/${order.productId}`}>{order.productName}</Link>
          </h2>
          <p>{order.variantName}</p>
        </div>
      </div>
      <div className="order-columns">
        <section aria-labelledby="order-money">
          <h2 id="order-money">What you pay</h2>
          <MoneyLines lines={order} refunded={order.refunded} />
        </section>
        <section aria-labelledby="order-steps">
          <h2 id="order-steps">What happened</h2>
          <ol className="order-steps">
            {order.history.map((entry) => (
              <li key={`${entry.what}-${entry.atMs}`}>
                <span>{stepWords(entry.what)}</span>
                <time className="figures" dateTime={new Date(entry.atMs).toISOString()}>
                  {formatMoment(entry.atMs)}
                </time>
              </li>
            ))}
          </ol>
        </section>
        <section aria-labelledby="order-address">
          <h2 id="order-address">Goes to</h2>
          <address className="order-address">
            {address.name}
            <br />
            {address.line1}
            {address.line2 && (
              <>
                <br />
                {address.line2}
              </>
            )}
            <br />
            {address.city} {address.region} {address.postalCode}
            <br />
            {countryName(address.country)}
          </address>
        </section>
      </div>
    </>
  )
}
