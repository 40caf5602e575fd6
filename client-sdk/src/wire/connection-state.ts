/**
 * `idle`: nobody needs it. `connecting`: first try. `online`. `reconnecting`: lost, another try is under way or planned.
 * `offline`: the device itself says that it has no network. `closed`: for good.
 */
export type ConnectionStatus = 'idle' | 'connecting' | 'online' | 'reconnecting' | 'offline' | 'closed'

export interface ConnectionState {
  readonly status: ConnectionStatus
  /** When the next try starts, by this device's `Date.now()`; null while one runs or none is planned. */
  readonly nextRetryAtMs: number | null
}
