import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { chatPaceMs } from './chat-lane.ts'
import type { Connection } from './connection.ts'
import type { Packet } from './frame.ts'
import { limits } from './limits.ts'
import { SideLane } from './side-lane.ts'

const packet = (text: string): Packet => ({ text, frame: Buffer.from(text) })

function room(size: number) {
  const got = Array.from({ length: size }, (): string[] => [])
  const members = new Set<Connection>()
  const all = got.map((texts) => ({ deliver: (one: Packet) => texts.push(one.text) }) as unknown as Connection)
  for (const member of all) members.add(member)
  const reached = (text: string) => got.filter((texts) => texts.includes(text)).length
  return { members, all, got, reached, lane: new SideLane(members) }
}

it('sends to a slice of a large room in each turn, one packet after the other, and not to who has left', async () => {
  const { members, all, got, reached, lane } = room(2 * limits.sideLaneSlice + 50)
  lane.send(packet('a'), true)
  lane.send(packet('b'), true)
  expect([reached('a'), reached('b')]).toEqual([limits.sideLaneSlice, 0])
  members.delete(all.at(-1) as Connection)
  await nextTurn()
  expect([reached('a'), reached('b')]).toEqual([2 * limits.sideLaneSlice, 0])
  await expect.poll(() => reached('b')).toBe(all.length - 1)
  expect(got.slice(0, -1).every((texts) => texts.join() === 'a,b')).toBe(true)
  expect(got.at(-1)).toEqual([])
})

it('sends to a small room at once', () => {
  const { reached, lane } = room(20)
  lane.send(packet('a'), false)
  lane.send(packet('b'), false)
  expect([reached('a'), reached('b')]).toEqual([20, 20])
})

it('gathers chat the longer, the larger the room is and the busier the process', () => {
  expect([10, 1_000, 3_000, 10_000].map((members) => chatPaceMs(members, 20))).toEqual([100, 100, 300, 400])
  expect([0, 20, 100, 1_000].map((roundMs) => chatPaceMs(3_000, roundMs))).toEqual([300, 300, 500, 2_000])
})

it('tells how long a packet took to reach everybody', async () => {
  const { lane } = room(2 * limits.sideLaneSlice)
  expect(lane.roundMs).toBe(0)
  lane.send(packet('a'), true)
  await expect.poll(() => lane.roundMs).toBeGreaterThan(0)
})
