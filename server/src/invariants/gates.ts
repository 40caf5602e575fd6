import { setTimeout as delay } from 'node:timers/promises'
import type { FlashSaleId, ShowId } from '@livelot/client/contracts'
import type { Redis } from '#infra/redis/client'
import { gateKeys } from '../modules/flash-sales/keys.ts'
import { type Evidence, type Found, found, type Invariant } from './invariant.ts'

/** A gate and Postgres move all the time; what looks wrong is looked at again this often. */
const lookAgainMs = 100

interface Sale {
  readonly flashSaleId: FlashSaleId
  readonly showId: ShowId
  readonly totalUnits: number
}

interface GateLook {
  /** Everything that moves with a step of the gate. */
  readonly stamp: string
  readonly seq: number
  readonly generation: string
  readonly remaining: number
  readonly sold: number
  readonly heldUnits: number
  readonly holdIds: readonly string[]
}

interface Truth {
  readonly freeUnits: number
  readonly liveUnits: number
  readonly soldUnits: number
  readonly seq: number
  readonly generation: string
}

const salesText = `SELECT id AS "flashSaleId", show_id AS "showId", total_units AS "totalUnits" FROM flash_sales
  WHERE finished_at IS NULL AND opens_at < clock_timestamp()`
const truthText = `SELECT
    (SELECT count(*)::int FROM flash_sale_units WHERE flash_sale_id = $1 AND hold_id IS NULL) AS "freeUnits",
    coalesce(sum(units) FILTER (WHERE state = 'live'), 0)::int AS "liveUnits",
    coalesce(sum(units) FILTER (WHERE state = 'settled'), 0)::int AS "soldUnits",
    (SELECT seq::float8 FROM flash_sale_log_cursors WHERE flash_sale_id = $1) AS seq,
    (SELECT generation FROM flash_sale_log_cursors WHERE flash_sale_id = $1) AS generation
  FROM holds WHERE flash_sale_id = $1`

/** One moment of a gate; null where there is none, or where it is shut. */
async function lookAtGate(redis: Redis, { showId, flashSaleId }: Sale): Promise<GateLook | null> {
  const [gateKey = '', holdsKey = ''] = gateKeys(showId, flashSaleId)
  const replies = await redis.multi().hgetall(gateKey).hgetall(holdsKey).exec()
  const [gate, holds] = (replies ?? []).map(([error, value]) => {
    if (error) throw error
    return value as Record<string, string>
  })
  if (!gate?.gate_run_id || !holds) return null
  const units = Object.values(holds).map((text) => Number(text.split('|')[1]))
  return {
    stamp: JSON.stringify([gate.generation, gate.seq, gate.remaining_units, gate.sold_units, holds]),
    seq: Number(gate.seq ?? 0),
    generation: gate.generation ?? '',
    remaining: Number(gate.remaining_units),
    sold: Number(gate.sold_units),
    heldUnits: units.reduce((all, one) => all + one, 0),
    holdIds: Object.keys(holds),
  }
}

type Verdict = Readonly<Record<string, unknown>> | null

/**
 * Looks at every open gate until `judge` finds nothing, the gate has moved on, or what it finds has stood still for the
 * settling time. A gate that did not move while Postgres was read is compared with Postgres exactly.
 */
async function overGates(
  evidence: Evidence,
  judge: (sale: Sale, gate: GateLook, truth: Truth) => Promise<{ broken: Verdict; isFinal: boolean }>,
): Promise<Found> {
  const { now, redis, settleMs } = evidence
  if (!redis) return found([])
  const sales = await now.query<Sale>({ name: '', text: salesText })
  const broken: unknown[] = []
  for (const sale of sales) {
    const until = performance.now() + settleMs
    let first: string | undefined
    for (;;) {
      const before = await lookAtGate(redis, sale)
      const [truth] = await now.query<Truth>({ name: '', text: truthText }, [sale.flashSaleId])
      const after = await lookAtGate(redis, sale)
      if (!before || !after || !truth) break
      const stood = before.stamp === after.stamp
      const verdict = await judge(sale, after, truth)
      if (verdict.broken === null) break
      first ??= after.stamp
      const isOver = performance.now() >= until
      if (stood && (verdict.isFinal || (isOver && first === after.stamp))) {
        broken.push({ flashSaleId: sale.flashSaleId, ...verdict.broken })
        break
      }
      if (isOver) break
      if (first !== after.stamp) first = after.stamp
      await delay(lookAgainMs)
    }
  }
  return found(broken)
}

const gateRule = (
  id: string,
  group: Invariant['group'],
  rule: string,
  find: (evidence: Evidence) => Promise<Found>,
): Invariant => ({ id, group, rule, reads: ['postgres', 'redis'], isCheap: true, find })

export const gateInvariants: readonly Invariant[] = [
  gateRule(
    'I2',
    'stock',
    'a gate neither makes nor loses units: left, held and sold are what the sale was made with',
    (evidence) =>
      overGates(evidence, async ({ totalUnits }, { remaining, sold, heldUnits }) => {
        const isRight = remaining + sold + heldUnits === totalUnits
        return { broken: isRight ? null : { totalUnits, remaining, sold, heldUnits }, isFinal: true }
      }),
  ),
  gateRule('I3', 'stock', 'a gate never offers more than Postgres has left', (evidence) =>
    overGates(evidence, async (_sale, { remaining }, { freeUnits }) => ({
      broken: remaining <= freeUnits ? null : { remaining, freeUnits },
      // A claim of a hold that Redis has forgotten is told to the gate after it was made.
      isFinal: false,
    })),
  ),
  gateRule('I3', 'stock', 'a gate that stands still says what Postgres says', (evidence) =>
    overGates(evidence, async (_sale, gate, truth) => {
      const left = truth.freeUnits - truth.liveUnits
      // Of several processes that wrote a lost gate anew the last may have named its log; an empty one has nothing to copy.
      const isSameLog = gate.generation === truth.generation || gate.seq === 0
      const isRight = gate.remaining === left && gate.sold === truth.soldUnits && gate.seq === truth.seq && isSameLog
      const { remaining, sold, seq } = gate
      return {
        broken: isRight ? null : { remaining, left, sold, soldUnits: truth.soldUnits, seq, copied: truth.seq },
        isFinal: false,
      }
    }),
  ),
  gateRule('I4', 'stock', 'a hold in a gate has its row in Postgres', (evidence) =>
    overGates(evidence, async (_sale, { holdIds }) => {
      const lost = await evidence.now.query<{ holdId: string }>(
        {
          name: '',
          text: `SELECT id AS "holdId" FROM unnest($1::uuid[]) AS t (id)
            WHERE NOT EXISTS (SELECT FROM holds h WHERE h.id = t.id AND h.state IN ('live', 'claimed'))`,
        },
        [holdIds],
      )
      return {
        broken: lost.length === 0 ? null : { holdIds: lost.slice(0, 3).map((one) => one.holdId) },
        isFinal: false,
      }
    }),
  ),
]
