import type { Giveaway, ShowLogEvent } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { emptyRoom, withLogEvent, withSnapshot } from '../src/room/state.ts'
import { snapshot } from './samples.ts'

const hex = (digit: string) => digit.repeat(64)
const giveaway = {
  giveawayId: '00000000-0000-7000-8000-000000000071',
  showId: '00000000-0000-7000-8000-000000000072',
  title: 'A jug for one of you',
  prize: { kind: 'text', text: 'A jug' },
  winnerCount: 1,
  state: 'open',
  openedAtMs: 1,
  entriesCloseAtMs: 60_001,
  seedCommitment: hex('a'),
  entryCount: 0,
  entryListHash: null,
  seed: null,
  drawnAtMs: null,
  winners: [],
} as unknown as Giveaway

const { giveawayId } = giveaway
const event = (type: string, data: object) => ({ seq: 1, atMs: 1, version: 1, type, data }) as unknown as ShowLogEvent
const opened = event('giveaway:opened', { giveaway })
const counted = event('giveaway:entries-changed', { giveawayId, entryCount: 7 })
const closed = event('giveaway:closed', { giveawayId, entryCount: 8, entryListHash: hex('b') })
const winners = [{ entryNo: 3, displayName: 'Ada' }]
const drawn = event('giveaway:drawn', { giveawayId, seed: hex('c'), drawnAtMs: 63_100, winners })

describe('the giveaway of a room', () => {
  it('follows the log from its opening to its winners', () => {
    const steps: (Giveaway | null)[] = []
    let state = withSnapshot(emptyRoom, snapshot())
    for (const one of [opened, counted, closed, drawn]) {
      state = withLogEvent(state, one)
      steps.push(state.giveaway)
    }
    expect(steps).toEqual([
      giveaway,
      { ...giveaway, entryCount: 7 },
      { ...giveaway, state: 'closed', entryCount: 8, entryListHash: hex('b') },
      {
        ...giveaway,
        state: 'drawn',
        entryCount: 8,
        entryListHash: hex('b'),
        seed: hex('c'),
        drawnAtMs: 63_100,
        winners,
      },
    ])
  })

  it('ends without winners where it was void', () => {
    const voided = event('giveaway:voided', { giveawayId, reason: 'list_changed' })
    const state = [opened, closed, voided].reduce(withLogEvent, withSnapshot(emptyRoom, snapshot()))
    expect(state.giveaway).toMatchObject({ state: 'void', seed: null, drawnAtMs: null, winners: [] })
  })

  it('comes with a snapshot, and leaves events of another giveaway alone', () => {
    const state = withSnapshot(emptyRoom, snapshot({ giveaway }))
    expect(state.giveaway).toEqual(giveaway)
    const other = event('giveaway:entries-changed', {
      giveawayId: '00000000-0000-7000-8000-000000000079',
      entryCount: 9,
    })
    expect(withLogEvent(state, other)).toBe(state)
    expect(withLogEvent(withSnapshot(emptyRoom, snapshot()), counted).giveaway).toBeNull()
  })
})
