import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useRequiredAccount, useSession } from '../../data/client.tsx'
import { loadablePages, moreOf } from '../../data/loadable.ts'
import { useOrders } from '../../data/queries.ts'
import { useTitle } from '../../data/use-title.ts'
import { MyPrizes } from '../../giveaways/my-prizes.tsx'
import { OrdersView } from './orders-view.tsx'

export function Component() {
  useTitle('Your orders')
  const { client } = useSession()
  const account = useRequiredAccount()
  const signedIn = account !== undefined
  const orders = useOrders(signedIn)
  const queries = useQueryClient()
  useEffect(() => {
    if (!signedIn) return
    return client.on('checkout:changed', () => {
      queries.invalidateQueries({ queryKey: ['orders'] }).catch(() => undefined)
    })
  }, [client, queries, signedIn])
  return <OrdersView orders={loadablePages(orders)} more={moreOf(orders)} prizes={<MyPrizes />} />
}
