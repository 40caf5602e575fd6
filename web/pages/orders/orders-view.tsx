import type { Order } from '@livelot/client/contracts'
import { Package } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { Badge } from '../../parts/badge.tsx'
import { Button, ButtonLink } from '../../parts/button.tsx'
import { formatMoment, formatUnits } from '../../parts/figures.ts'
import type { Loadable } from '../../parts/loadable.ts'
import { formatMoney } from '../../parts/money.ts'
import { Picture } from '../../parts/picture.tsx'
import { EmptyState, ErrorState, Loading, Skeleton } from '../../parts/states.tsx'
import { orderLook } from './order-state.ts'
import './orders.css'

type OrdersViewProps = {
  orders: Loadable<Order[]>
  more: { load: () => void; loading: boolean } | null
  /** What was won stands above what was bought: it has to be claimed in time. */
  prizes: ReactNode
}

export function OrdersView({ orders, more, prizes }: OrdersViewProps) {
  return (
    <div className="page page-narrow orders">
      <h1>Your orders</h1>
      {prizes}
      <OrderList orders={orders} />
      {more && (
        <p className="orders-more">
          <Button tone="outline" onClick={more.load} busy={more.loading}>
            Show more
          </Button>
        </p>
      )}
    </div>
  )
}

function OrderList({ orders }: Pick<OrdersViewProps, 'orders'>) {
  if (orders.status === 'failed') return <ErrorState message={orders.message} onRetry={orders.retry} />
  if (orders.status === 'loading')
    return (
      <Loading label="Loading your orders" className="orders-list">
        {[1, 2, 3].map((place) => (
          <div key={place} className="orders-row">
            <Skeleton shape="square" />
            <div>
              <Skeleton shape="title" />
              <Skeleton />
            </div>
          </div>
        ))}
      </Loading>
    )
  if (orders.data.length === 0)
    return (
      <EmptyState
        icon={<Package aria-hidden="true" />}
        title="Nothing here yet"
        action={<ButtonLink to="/">See what is live</ButtonLink>}
      >
        What you buy in a show or in the shop is listed here, with every cent of it.
      </EmptyState>
    )
  return (
    <ul className="orders-list">
      {orders.data.map((order) => {
        const look = orderLook(order.state)
        return (
          <li key={order.orderId} className="orders-row">
            <Picture src={order.pictureUrl} alt="" />
            <div className="orders-words">
              <h2>
                <Link to={`/orders/${order.orderId}`} className="card-link">
                  {order.productName}
                </Link>
              </h2>
              <p>
                {order.variantName} · {formatUnits(order.units)}
              </p>
              <p className="orders-meta figures">
                {order.orderNumber} · {formatMoment(order.createdAtMs)}
              </p>
            </div>
            <div className="orders-side">
              <strong className="figures">{formatMoney(order.total)}</strong>
              <Badge tone={look.tone}>{look.words}</Badge>
            </div>
          </li>
        )
      })}
    </ul>
  )
}
