import { createHash } from 'node:crypto'
import { type AccountId, type FlashSaleId, WaitingRoom } from '@livelot/client/contracts'
import { type RedisServers, serverOf, serverRunId } from '#infra/redis/client'
import { loadScript, runScript, type Script } from '#infra/redis/scripts'
import type { SaleRecord } from '#modules/flash-sales'
import { showStateKey } from '#modules/live'
import { JoinAnswer, LeaveAnswer, StepAnswer } from './answers.ts'
import { roomKeys } from './keys.ts'
import { callsMax, earlyMsMax, keepKeysMs, knownRoomsMax, lineMax, settleMs, tellGapMs, turnMs } from './limits.ts'

const read = (name: string) => loadScript(new URL(`./lua/${name}.lua`, import.meta.url))
const shared = `${read('room').text}\n`

/** A script stands behind the functions that all of them share. */
function roomScript(name: string): Script {
  const text = shared + read(name).text
  return { name, text, sha: createHash('sha1').update(text).digest('hex') }
}

const scripts = { join: roomScript('join'), leave: roomScript('leave'), step: roomScript('step') } as const

/** A room with its sale: what never changes of both. */
export interface KnownRoom {
  readonly sale: SaleRecord
  readonly seed: Buffer
}

export interface Joining {
  readonly accountId: AccountId
  readonly drawPlace: number
  /** Of a ticket that was checked: its place, or null for an early comer's. Absent where there is no ticket. */
  readonly ticketPlace?: number | null
}

/** The line, by scripts of one step each. Errors of Redis pass through; asking again is safe. */
export function createLine(redis: RedisServers) {
  const keys = new Map<FlashSaleId, string[]>()
  const keysOf = ({ showId, flashSaleId }: SaleRecord): string[] => {
    const known = keys.get(flashSaleId)
    if (known) return known
    if (keys.size >= knownRoomsMax) keys.clear()
    const made = roomKeys(showId, flashSaleId)
    keys.set(flashSaleId, made)
    return made
  }
  // A connection that is not ready has no run id; its command fails as it should.
  const run = (script: Script, { sale, seed }: KnownRoom, args: readonly (string | number)[]): Promise<unknown> => {
    const runId = serverRunId(redis, keysOf(sale)[0] ?? '') ?? ''
    const facts = [runId, sale.flashSaleId, seed.toString('hex'), sale.totalUnits]
    return runScript(redis, script, keysOf(sale), [...facts, turnMs, settleMs, keepKeysMs, ...args])
  }

  return {
    join: async (room: KnownRoom, { accountId, drawPlace, ticketPlace }: Joining) => {
      const ticket = ticketPlace === undefined ? '' : (ticketPlace ?? 'early')
      const args = [accountId, drawPlace, ticket, earlyMsMax, lineMax, callsMax]
      return JoinAnswer.parse(await run(scripts.join, room, args))
    },
    leave: async (room: KnownRoom, accountId: AccountId) =>
      LeaveAnswer.parse(await run(scripts.leave, room, [accountId, callsMax])),
    /** What the show was told of the room last; null where it has no state. */
    told: async ({ sale }: KnownRoom): Promise<WaitingRoom | null> => {
      const state = showStateKey(sale.showId)
      const text = await serverOf(redis, state).hget(state, `waiting:${sale.flashSaleId}`)
      return text === null ? null : WaitingRoom.parse(JSON.parse(text))
    },
    step: async (room: KnownRoom) => StepAnswer.parse(await run(scripts.step, room, [callsMax, tellGapMs])),
  }
}

export type Line = ReturnType<typeof createLine>
