import type { AccountId, CreatorId } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import type { Actor } from '#kernel/actor'
import { type RoomRules, standingOf, stepTo } from './show.ts'

const person = (id: string, more: object = {}): Actor => ({
  kind: 'account',
  accountId: id as AccountId,
  sessionId: 's',
  displayName: id,
  roles: ['buyer'],
  creatorId: null,
  brandIds: [],
  expiresAtMs: 0,
  ...more,
})
const set = (...ids: string[]) => new Set(ids as AccountId[])
const rules: RoomRules = {
  creatorId: 'c' as CreatorId,
  moderators: set('mod', 'banned-mod'),
  muted: set('muted', 'mod', 'host'),
  banned: set('banned', 'banned-mod', 'host'),
  slowModeSeconds: 0,
  mutedWords: [],
}

describe('the life of a show', () => {
  it('[LV1] goes forward only, one step at a time', () => {
    const states = ['scheduled', 'live', 'ended'] as const
    const table = states.map((from) => states.map((to) => stepTo(from, to)))
    expect(table).toEqual([
      ['already', 'step', 'forbidden'],
      ['forbidden', 'already', 'step'],
      ['forbidden', 'forbidden', 'already'],
    ])
  })
})

describe('standing', () => {
  const may = (actor: Actor) => {
    const { isHost, canModerate, canChat, isBanned, isMuted } = standingOf(rules, actor)
    return [isHost && 'host', canModerate && 'moderate', canChat && 'chat', isBanned && 'banned', isMuted && 'muted']
      .filter(Boolean)
      .join(' ')
  }

  it('[LV8] the host stands above every restriction, a moderator above muting, a banned one below all', () => {
    expect(may(person('host', { creatorId: 'c' }))).toBe('host moderate chat')
    expect(may(person('mod'))).toBe('moderate chat')
    expect(may(person('banned-mod'))).toBe('banned')
    expect(may(person('operator', { roles: ['operator'] }))).toBe('moderate chat')
    expect(may(person('other', { creatorId: 'd' }))).toBe('chat')
    expect(may(person('muted'))).toBe('muted')
    expect(may(person('banned'))).toBe('banned')
    expect(may({ kind: 'guest' })).toBe('')
  })
})
