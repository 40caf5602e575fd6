import { type AccountId, WaitingRoom } from '@livelot/client/contracts'
import { z } from 'zod'

// What the scripts of a waiting room may answer; the header of each says when.

/** Somebody whose turn it is. */
export interface Call {
  readonly accountId: AccountId
  readonly untilMs: number
}

const Calls = z.array(z.union([z.string(), z.int()])).transform((flat) => {
  const calls: Call[] = []
  for (let i = 0; i + 1 < flat.length; i += 2)
    calls.push({ accountId: String(flat[i]) as AccountId, untilMs: Number(flat[i + 1]) })
  return calls
})
const Place = z.coerce.number().int().min(0)
const RoomText = z.string().transform((text) => WaitingRoom.parse(JSON.parse(text)))
const gateClosed = z.tuple([z.literal('gate_closed')])

export const JoinAnswer = z.union([
  z.tuple([z.literal('waiting'), Place, z.int(), RoomText, z.int(), Calls]),
  z.tuple([z.literal('called'), Place, z.int(), RoomText, z.int(), Calls]),
  z.tuple([z.literal('ended'), z.enum(['sold-out', 'closed'])]),
  z.tuple([z.literal('limit_reached')]),
  z.tuple([z.literal('not_open'), z.int()]),
  z.tuple([z.literal('full')]),
  gateClosed,
])
export const LeaveAnswer = z.union([z.tuple([z.literal('left'), z.int(), Calls]), gateClosed])
export const StepAnswer = z.union([
  z.tuple([z.literal('moved'), RoomText, z.literal([0, 1]).transform((told) => told === 1), z.int(), Calls]),
  gateClosed,
])
