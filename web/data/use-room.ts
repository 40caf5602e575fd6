import type { Room, RoomState } from '@livelot/client'
import type { Show } from '@livelot/client/contracts'
import { useEffect, useState, useSyncExternalStore } from 'react'
import type { ConnectionState } from '../parts/connection-banner.tsx'
import { useSession } from './client.tsx'

const never = () => () => undefined
const nothing = () => null

/** Enters the room of a show for as long as the page is there. Null until it has been asked to. */
export function useRoom(showId: string): { room: Room | null; state: RoomState | null } {
  const { client, account } = useSession()
  const isKnown = account !== undefined
  const [room, setRoom] = useState<Room | null>(null)
  useEffect(() => {
    // Entering as a guest first and as oneself a moment later would cost everybody a second entry.
    if (!isKnown) return
    const entered = client.joinRoom(showId)
    setRoom(entered)
    return () => entered.leave()
  }, [client, showId, isKnown])
  const state = useSyncExternalStore<RoomState | null>(room?.subscribe ?? never, room?.getState ?? nothing)
  return { room, state }
}

const connections: Record<RoomState['status'], ConnectionState> = {
  connecting: 'connecting',
  online: 'live',
  reconnecting: 'reconnecting',
  offline: 'offline',
  closed: 'live',
}

/** What the room's pages are drawn from, once the show is known. */
export type KnownRoom = Pick<
  RoomState,
  | 'shelf'
  | 'pinnedProductId'
  | 'sales'
  | 'waitingRooms'
  | 'giveaway'
  | 'coupons'
  | 'chat'
  | 'rights'
  | 'viewerCount'
  | 'heartCount'
  | 'slowModeSeconds'
> & { show: Show; connection: ConnectionState }

export function knownRoom(state: RoomState): KnownRoom | null {
  const { show } = state
  return show === null ? null : { ...state, show, connection: connections[state.status] }
}
