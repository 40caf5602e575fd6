import type { Variant } from '@livelot/client/contracts'
import { useQueries } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { useRequiredAccount, useSession } from '../../data/client.tsx'
import { loadableOf, loadablePages } from '../../data/loadable.ts'
import { useAllProducts } from '../../data/queries.ts'
import { sentenceOf } from '../../data/sentences.ts'
import { useChat } from '../../data/use-chat.ts'
import { knownRoom, useRoom } from '../../data/use-room.ts'
import { useTitle } from '../../data/use-title.ts'
import { ButtonLink } from '../../parts/button.tsx'
import type { Loadable } from '../../parts/loadable.ts'
import { EmptyState, Loading, Skeleton } from '../../parts/states.tsx'
import { useAuctionDesk } from './auction/use-auction-desk.ts'
import { useRehearsal } from './auction/use-rehearsal.ts'
import { StudioView } from './studio-view.tsx'
import { useBroadcast } from './use-broadcast.ts'
import { useCameraDesk } from './use-camera-desk.ts'
import { useSalesBoard } from './use-sales-board.ts'
import { useStudioActions } from './use-studio-actions.ts'

export function Component() {
  const { showId = '' } = useParams()
  const account = useRequiredAccount()
  if (!account) return <StudioWaiting />
  return <StudioPage key={showId} showId={showId} />
}

function StudioWaiting() {
  return (
    <Loading label="Opening the studio" className="page">
      <Skeleton shape="title" />
      <Skeleton shape="block" />
    </Loading>
  )
}

function StudioPage({ showId }: { showId: string }) {
  const { room, state } = useRoom(showId)
  const { desk, tracks } = useCameraDesk()
  const broadcast = useBroadcast(showId, state?.show?.state === 'live', tracks)
  const board = useSalesBoard(showId)
  const products = useAllProducts()
  const chat = useChat(room)
  const actions = useStudioActions(showId, room)
  const variantsOf = useVariants(state?.shelf.map((item) => item.productId) ?? [])
  const auction = useRehearsal(useAuctionDesk(showId, room, state))
  const known = state ? knownRoom(state) : null
  useTitle(known ? `Studio: ${known.show.title}` : 'Studio')

  if (state?.status === 'closed' && state.error) return <NoEntry sentence={sentenceOf(state.error)} />
  if (!known || state?.status === 'connecting') return <StudioWaiting />
  if (!known.rights.isHost) return <NoEntry sentence="This show belongs to another host." />
  return (
    <StudioView
      model={{
        room: known,
        auction,
        desk,
        broadcast: broadcast.state,
        board,
        products: loadablePages(products),
        variantsOf,
        chatProblem: chat.problem,
        actions: {
          ...actions,
          goLive: broadcast.goLive,
          stopBroadcast: broadcast.stop,
          sendChat: chat.send,
          endShow: () => {
            broadcast.stop()
            actions.endShow()
          },
        },
      }}
    />
  )
}

function NoEntry({ sentence }: { sentence: string }) {
  return (
    <div className="page">
      <EmptyState title="This is not your studio" action={<ButtonLink to="/studio">Your shows</ButtonLink>}>
        {sentence}
      </EmptyState>
    </div>
  )
}

/** The variants of each product on the shelf; a flash sale is made of one of them. */
function useVariants(productIds: readonly string[]): (productId: string) => Loadable<readonly Variant[]> {
  const { client } = useSession()
  const all = useQueries({
    queries: productIds.map((productId) => ({
      queryKey: ['product', productId],
      queryFn: ({ signal }: { signal: AbortSignal }) => client.products.get({ productId }, { signal }),
    })),
  })
  return (productId) => {
    const query = all[productIds.indexOf(productId)]
    if (!query) return { status: 'loading' }
    const product = loadableOf(query)
    return product.status === 'ready' ? { status: 'ready', data: product.data.variants } : product
  }
}
