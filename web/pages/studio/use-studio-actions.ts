import { isRefusal, type Room } from '@livelot/client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useSession } from '../../data/client.tsx'
import { sentenceOf } from '../../data/sentences.ts'
import { useToast } from '../../parts/toast.tsx'
import type { Moderation, SaleDraft, StudioModel } from './studio-model.ts'

type RoomActions = Omit<StudioModel['actions'], 'goLive' | 'stopBroadcast' | 'sendChat'>

const moderationWords: Record<Moderation, string> = {
  mute: 'Muted in this show',
  unmute: 'May write again',
  ban: 'Banned from this show',
  'add-moderator': 'Is a moderator now',
  'remove-moderator': 'Is no longer a moderator',
}

/** What the host does to the show. The room's own events bring each result back to every screen, this one too. */
export function useStudioActions(showId: string, room: Room | null): RoomActions {
  const { client } = useSession()
  const toast = useToast()
  const queries = useQueryClient()

  return useMemo(() => {
    const attempt = (work: Promise<unknown>, done?: string) => {
      work.then(
        () => done && toast(done),
        (error: unknown) => toast(sentenceOf(error), 'problem'),
      )
    }
    const problemOf = async (work: Promise<unknown>): Promise<string | null> => {
      try {
        await work
        return null
      } catch (error) {
        return isRefusal(error, 'flash_sale.not_enough_stock')
          ? 'There are fewer units in stock than the sale would need.'
          : sentenceOf(error)
      }
    }
    return {
      endShow: () => {
        attempt(client.shows.end({ showId }), 'The show has ended')
        queries.invalidateQueries({ queryKey: ['my-shows'] }).catch(() => undefined)
      },
      pin: (productId) => attempt(client.shows.pin({ showId, productId })),
      setShelf: (productIds) => attempt(client.shows.setShelf({ showId, productIds })),
      startSale: (draft: SaleDraft) => problemOf(client.flashSales.create({ showId, ...draft })),
      closeSale: (sale) => attempt(client.flashSales.close({ flashSaleId: sale.flashSaleId }), 'The sale is over'),
      moderate: (accountId, action) =>
        attempt(client.shows.moderate({ showId, accountId, action }), moderationWords[action]),
      removeLine: (chatLineId) => attempt(room?.removeLine(chatLineId) ?? Promise.resolve()),
      setSlowMode: (slowModeSeconds, mutedWords) =>
        problemOf(client.shows.setChatSettings({ showId, slowModeSeconds, mutedWords })),
    }
  }, [client, queries, room, showId, toast])
}
