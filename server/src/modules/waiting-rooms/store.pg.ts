import type { FlashSaleId, WaitingRoom } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'

const insert = statement('waiting_rooms.insert', 'INSERT INTO waiting_rooms (flash_sale_id, seed) VALUES ($1, $2)')
const byId = statement(
  'waiting_rooms.by_id',
  'SELECT seed, end_reason AS "endReason" FROM waiting_rooms WHERE flash_sale_id = $1',
)
const open = statement(
  'waiting_rooms.open',
  'SELECT flash_sale_id AS "flashSaleId" FROM waiting_rooms WHERE ended_at IS NULL ORDER BY flash_sale_id LIMIT 10000',
)
const end = statement(
  'waiting_rooms.end',
  `UPDATE waiting_rooms SET ended_at = clock_timestamp(), end_reason = $2
   WHERE flash_sale_id = $1 AND ended_at IS NULL`,
)

export interface RoomRow {
  readonly seed: Buffer
  readonly endReason: WaitingRoom['endReason']
}

export const roomStore = {
  insert: async (tx: Transaction, flashSaleId: FlashSaleId, seed: Buffer): Promise<void> => {
    await tx.query(insert, [flashSaleId, seed])
  },
  byId: async (on: Queryable, flashSaleId: FlashSaleId): Promise<RoomRow | null> =>
    (await on.query<RoomRow>(byId, [flashSaleId]))[0] ?? null,
  /** Rooms whose end was not told yet. */
  open: async (on: Queryable): Promise<FlashSaleId[]> =>
    (await on.query<{ flashSaleId: FlashSaleId }>(open)).map((row) => row.flashSaleId),
  /** Repeats: the first reason stands. */
  end: async (on: Queryable, flashSaleId: FlashSaleId, reason: NonNullable<RoomRow['endReason']>): Promise<void> => {
    await on.query(end, [flashSaleId, reason])
  },
}
