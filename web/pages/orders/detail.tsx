import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useParams } from 'react-router'
import { useRequiredAccount, useSession } from '../../data/client.tsx'
import { loadableOf } from '../../data/loadable.ts'
import { useTitle } from '../../data/use-title.ts'
import { OrderView } from './order-view.tsx'

export function Component() {
  const { orderId = '' } = useParams()
  const { client } = useSession()
  const account = useRequiredAccount()
  const signedIn = account !== undefined
  const queries = useQueryClient()
  const order = useQuery({
    queryKey: ['order', orderId],
    queryFn: ({ signal }) => client.orders.get({ orderId }, { signal }),
    enabled: signedIn,
  })
  useTitle(order.data ? `Order ${order.data.orderNumber}` : 'Order')
  useEffect(() => {
    if (!signedIn) return
    return client.on('checkout:changed', ({ checkout }) => {
      if (checkout.orderId === orderId)
        queries.invalidateQueries({ queryKey: ['order', orderId] }).catch(() => undefined)
    })
  }, [client, queries, orderId, signedIn])
  return <OrderView order={loadableOf(order)} />
}
