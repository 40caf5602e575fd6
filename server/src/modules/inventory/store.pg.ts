import type { VariantId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { Claim } from './stock.ts'

// The level's row is updated first: its lock puts everyone who wants the same variant in line.
const takeUnits = (kind: 'claimed' | 'lent') => `
  WITH known AS (SELECT 1 FROM stock_movements WHERE reference = $3 AND kind = '${kind}'),
  taken AS (
    UPDATE stock_levels SET available = available - $2, held = held + $2
    WHERE variant_id = $1 AND available >= $2 AND NOT EXISTS (SELECT FROM known)
    RETURNING variant_id
  ),
  moved AS (
    INSERT INTO stock_movements (variant_id, kind, reference, available_change, held_change, sold_change)
    SELECT variant_id, '${kind}', $3, -$2::int, $2, 0 FROM taken
    RETURNING 1
  )
  SELECT EXISTS (SELECT FROM moved) OR EXISTS (SELECT FROM known) AS taken`

const claim = statement('inventory.claim', takeUnits('claimed'))
const lend = statement('inventory.lend', takeUnits('lent'))

// `claimed` is empty where the claim has ended, so that a second end changes nothing.
const endClaim = (kind: 'released' | 'settled') => `
  WITH claimed AS (
    SELECT variant_id, held_change AS units FROM stock_movements
    WHERE reference = $1 AND kind = 'claimed' AND NOT EXISTS (
      SELECT FROM stock_movements WHERE reference = $1 AND kind IN ('released', 'settled'))
  ),
  moved AS (
    INSERT INTO stock_movements (variant_id, kind, reference, available_change, held_change, sold_change)
    SELECT variant_id, '${kind}', $1, ${kind === 'released' ? 'units' : '0'}, -units, ${kind === 'settled' ? 'units' : '0'}
    FROM claimed
    RETURNING variant_id, available_change, held_change, sold_change
  )
  UPDATE stock_levels l
  SET available = available + available_change, held = held + held_change, sold = sold + sold_change
  FROM moved WHERE l.variant_id = moved.variant_id
  RETURNING l.variant_id`

const release = statement('inventory.release', endClaim('released'))
const settle = statement('inventory.settle', endClaim('settled'))

const returnLoan = statement(
  'inventory.return_loan',
  `WITH loan AS (
     SELECT variant_id, held_change AS units FROM stock_movements
     WHERE reference = $1 AND kind = 'lent' AND NOT EXISTS (
       SELECT FROM stock_movements WHERE reference = $1 AND kind = 'returned')
   ),
   moved AS (
     INSERT INTO stock_movements (variant_id, kind, reference, available_change, held_change, sold_change)
     SELECT variant_id, 'returned', $1, units - $2::int, -units, $2 FROM loan
     RETURNING variant_id, available_change, held_change, sold_change
   )
   UPDATE stock_levels l
   SET available = available + available_change, held = held + held_change, sold = sold + sold_change
   FROM moved WHERE l.variant_id = moved.variant_id
   RETURNING l.variant_id`,
)

const receive = statement(
  'inventory.receive',
  `WITH moved AS (
     INSERT INTO stock_movements (variant_id, kind, reference, available_change, held_change, sold_change)
     VALUES ($1, 'received', $3, $2, 0, 0) ON CONFLICT ON CONSTRAINT stock_movements_reference_unique DO NOTHING
     RETURNING available_change
   )
   INSERT INTO stock_levels (variant_id, available) SELECT $1, available_change FROM moved
   ON CONFLICT (variant_id) DO UPDATE SET available = stock_levels.available + excluded.available
   RETURNING available`,
)

const available = statement(
  'inventory.available',
  'SELECT variant_id AS "variantId", available FROM stock_levels WHERE variant_id = ANY($1::uuid[])',
)

const wasTaken = (rows: readonly { taken: boolean }[]) => rows[0]?.taken === true

export const stockStore = {
  claim: async (tx: Transaction, { variantId, units, reference }: Claim) =>
    wasTaken(await tx.query<{ taken: boolean }>(claim, [variantId, units, reference])),
  lend: async (tx: Transaction, { variantId, units, reference }: Claim) =>
    wasTaken(await tx.query<{ taken: boolean }>(lend, [variantId, units, reference])),
  release: async (tx: Transaction, reference: string) => (await tx.query(release, [reference])).length === 1,
  settle: async (tx: Transaction, reference: string) => (await tx.query(settle, [reference])).length === 1,
  returnLoan: async (tx: Transaction, reference: string, soldUnits: number) =>
    (await tx.query(returnLoan, [reference, soldUnits])).length === 1,
  receive: async (tx: Transaction, { variantId, units, reference }: Claim) =>
    (await tx.query(receive, [variantId, units, reference])).length === 1,
  available: async (on: Queryable, variantIds: readonly VariantId[]) =>
    await on.query<{ variantId: VariantId; available: number }>(available, [variantIds]),
}
