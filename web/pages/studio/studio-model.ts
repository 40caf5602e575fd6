import type { FlashSale, ProductSummary, SalesBoard, Variant } from '@livelot/client/contracts'
import type { Loadable } from '../../parts/loadable.ts'
import type { RoomView } from '../watch/room-view.ts'
import type { AuctionDesk } from './auction/auction-model.ts'

export type PictureSource = 'camera' | 'screen'

export type Device = { deviceId: string; label: string }

export type PreviewState =
  | { phase: 'idle' }
  | { phase: 'asking' }
  | { phase: 'refused'; sentence: string }
  | { phase: 'ready' }

export type BroadcastState =
  | { phase: 'off' }
  | { phase: 'starting' }
  | { phase: 'live'; sinceMs: number }
  | { phase: 'reconnecting'; detail: string }
  | { phase: 'failed'; sentence: string }

export type CameraDesk = {
  preview: PreviewState
  source: PictureSource
  cameras: readonly Device[]
  microphones: readonly Device[]
  cameraId: string | null
  microphoneId: string | null
  cameraOn: boolean
  microphoneOn: boolean
  /** 0 to 1, about fifteen times a second. */
  readLevel: () => number
  attachPreview: (element: HTMLVideoElement | null) => void
  open: () => void
  chooseSource: (source: PictureSource) => void
  chooseCamera: (deviceId: string) => void
  chooseMicrophone: (deviceId: string) => void
  toggleCamera: () => void
  toggleMicrophone: () => void
}

export type SaleDraft = {
  variantId: string
  salePriceMinor: number
  totalUnits: number
  perBuyerLimit: number
  countdownSeconds: number
  runSeconds: number
  waitingRoom: boolean
}

export type Moderation = 'mute' | 'unmute' | 'ban' | 'add-moderator' | 'remove-moderator'

export type StudioModel = {
  room: RoomView
  auction: AuctionDesk
  desk: CameraDesk
  broadcast: BroadcastState
  board: Loadable<SalesBoard>
  products: Loadable<ProductSummary[]>
  variantsOf: (productId: string) => Loadable<readonly Variant[]>
  actions: {
    goLive: () => void
    stopBroadcast: () => void
    endShow: () => void
    pin: (productId: string | null) => void
    setShelf: (productIds: string[]) => void
    startSale: (draft: SaleDraft) => Promise<string | null>
    closeSale: (sale: FlashSale) => void
    sendChat: (text: string) => Promise<boolean>
    moderate: (accountId: string, action: Moderation) => void
    removeLine: (chatLineId: string) => void
    setSlowMode: (seconds: number, mutedWords: string[]) => Promise<string | null>
  }
  chatProblem: string | null
}
