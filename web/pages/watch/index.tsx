import { useMemo } from 'react'
import { useNavigate, useParams } from 'react-router'
import { BuySheet } from '../../buying/buy-sheet.tsx'
import { usePurchase } from '../../buying/use-purchase.ts'
import { signInPath, useSession } from '../../data/client.tsx'
import { sentenceOf } from '../../data/sentences.ts'
import { useChat } from '../../data/use-chat.ts'
import { knownRoom, useRoom } from '../../data/use-room.ts'
import { useTitle } from '../../data/use-title.ts'
import { useVideo } from '../../data/use-video.ts'
import { ButtonLink } from '../../parts/button.tsx'
import { EmptyState, Loading, Skeleton } from '../../parts/states.tsx'
import { WatchView } from './watch-view.tsx'

export function Component() {
  const { showId = '' } = useParams()
  return <WatchPage key={showId} showId={showId} />
}

function WatchPage({ showId }: { showId: string }) {
  const { client, account } = useSession()
  const navigate = useNavigate()
  const { room, state } = useRoom(showId)
  const chat = useChat(room)
  const { video, attach } = useVideo(client, showId, state?.show?.state === 'live')
  const { purchase, actions, buySale, buyProduct } = usePurchase(room)
  const known = useMemo(() => (state ? knownRoom(state) : null), [state])
  useTitle(known?.show.title)

  if (state?.status === 'closed' && state.error)
    return (
      <div className="page">
        <EmptyState title="You cannot enter this show" action={<ButtonLink to="/">See what is on</ButtonLink>}>
          {sentenceOf(state.error)}
        </EmptyState>
      </div>
    )
  if (!known)
    return (
      <Loading label="Entering the show" className="watch watch-wait">
        <Skeleton shape="block" className="stage" />
      </Loading>
    )
  return (
    <>
      <WatchView
        room={known}
        video={video}
        account={account ?? null}
        chatProblem={chat.problem}
        chatWaitSeconds={chat.waitSeconds}
        actions={{
          attachVideo: attach,
          sendChat: chat.send,
          addHeart: () => room?.heart(),
          buyProduct: (productId) => buyProduct(productId, nameOf(known.shelf, productId)),
          buySale: (flashSaleId) =>
            buySale(flashSaleId, known.sales.find((sale) => sale.flashSaleId === flashSaleId)?.productName ?? ''),
          signIn: () => navigate(signInPath(window.location.pathname)),
        }}
      />
      <BuySheet purchase={purchase} actions={actions} />
    </>
  )
}

function nameOf(shelf: readonly { productId: string; name: string }[], productId: string): string {
  return shelf.find((item) => item.productId === productId)?.name ?? ''
}
