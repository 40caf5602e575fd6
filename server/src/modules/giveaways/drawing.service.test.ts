import { verifyGiveaway } from '@livelot/client'
import type { Giveaway, GiveawayEntry, GiveawayId, WonPrize } from '@livelot/client/contracts'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSweeper } from '#infra/queue/sweeper'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { type TestRedis, testRedis } from '../../../test/support/services.ts'
import { type GiveawayStage, startGiveawayStage, street } from './stage-for-tests.ts'

let redis: TestRedis
let stage: GiveawayStage
beforeAll(async () => {
  redis = await testRedis()
  stage = await startGiveawayStage(redis.url)
})
afterAll(async () => {
  await stage.close()
  await redis.drop()
})
beforeEach(() => void stage.told.splice(0))

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? error,
  )
const names = ['Ada', 'Ben', 'Cyd', 'Dan', 'Eve', 'Fay']
/** A giveaway that these people have entered, in this order. */
async function entered(people: readonly AccountActor[], over: object = {}): Promise<Giveaway> {
  const one = await stage.open(over)
  for (const person of people) await stage.enter(one.giveawayId, person)
  return one
}
const prizesOf = async (giveawayId: GiveawayId) => (await stage.first.prizes.listHanded(giveawayId, stage.host)).items
const typesOf = async ({ giveawayId }: Giveaway) => (await stage.events(giveawayId)).map(({ type }) => type)
const toldTo = (actor: AccountActor | undefined) =>
  stage.told.filter((one) => one.accountId === actor?.accountId).map(({ event }) => event)

describe('the draw', () => {
  it('[GI10] happens once in each of its steps, in order and in time, however many processes try', async () => {
    const people = await stage.accounts(names)
    const one = await entered(people, { winnerCount: 2 })
    const { giveawayId, showId } = one
    const everybody = (verb: 'close' | 'draw') =>
      Promise.all(
        Array.from({ length: 6 }, (_, i) => (i % 2 ? stage.first : stage.second).drawing[verb](giveawayId, showId)),
      )
    expect(await everybody('close')).toEqual(Array(6).fill(false))
    expect(await everybody('draw')).toEqual(Array(6).fill(false))
    await stage.endEntries(giveawayId)
    expect((await everybody('close')).filter(Boolean)).toHaveLength(1)
    const closed = await stage.first.service.get(giveawayId)
    expect(closed).toMatchObject({ state: 'closed', entryCount: 6, seed: null, winners: [], drawnAtMs: null })
    // The room has the hash of the list for a while before the seed is there to be known.
    expect(await everybody('draw')).toEqual(Array(6).fill(false))
    expect(await codeOf(stage.first.service.export(giveawayId))).toBe('giveaway.not_drawn')
    await stage.waitOver(giveawayId)
    expect((await everybody('draw')).filter(Boolean)).toHaveLength(1)
    const drawn = await stage.first.service.get(giveawayId)
    expect(drawn).toMatchObject({ state: 'drawn', entryListHash: closed.entryListHash })
    expect(drawn.winners).toHaveLength(2)
    expect(await typesOf(one)).toEqual(['giveaway:opened', 'giveaway:closed', 'giveaway:drawn'])
    expect((await stage.events(giveawayId))[2]?.data).toEqual({
      giveawayId,
      seed: drawn.seed,
      drawnAtMs: drawn.drawnAtMs,
      winners: drawn.winners,
    })
    expect(await prizesOf(giveawayId)).toHaveLength(2)
    await expect.poll(() => stage.told.map(({ event }) => event)).toEqual(['giveaway:prize-won', 'giveaway:prize-won'])
  })

  it('[GI10] is made by the sweeps of whichever worker is left, also after all of them were away', async () => {
    const one = await entered(await stage.accounts(['Ada', 'Ben']))
    await stage.endEntries(one.giveawayId)
    const log = pino({ level: 'silent' })
    const closing = startSweeper(stage.first.sweeps(), log)
    await expect.poll(async () => (await stage.first.service.get(one.giveawayId)).state).toBe('closed')
    await closing.close()
    await stage.waitOver(one.giveawayId)
    const workers = [startSweeper(stage.first.sweeps(), log), startSweeper(stage.second.sweeps(), log)]
    await expect.poll(async () => (await stage.first.service.get(one.giveawayId)).state).toBe('drawn')
    for (const worker of workers) await worker.close()
    expect((await typesOf(one)).filter((type) => type === 'giveaway:drawn')).toHaveLength(1)
    expect((await stage.first.service.get(one.giveawayId)).winners).toHaveLength(1)
  })

  it('[GI10] freezes exactly the entries that were answered, while people still tap', async () => {
    const one = await stage.open()
    const { giveawayId, showId } = one
    await stage.unguarded(
      `UPDATE giveaways SET opened_at = now() - interval '1 minute', entries_close_at = clock_timestamp() + interval '600 milliseconds'
       WHERE id = $1`,
      [giveawayId],
    )
    const answered: number[] = []
    const tapUntilClosed = async (at: GiveawayStage['first'], i: number): Promise<unknown> => {
      for (let tap = 0; ; tap += 1) {
        const person = {
          ...stage.host,
          accountId: newId(),
          creatorId: null,
          displayName: `P${i}-${tap}`,
          roles: ['buyer'],
        }
        try {
          answered.push((await stage.enter(giveawayId, person as never, at)).entry.entryNo)
        } catch (error) {
          return (error as { code?: string }).code
        }
      }
    }
    const closers = [stage.first, stage.second].map(({ drawing }) =>
      expect
        .poll(
          async () =>
            (await drawing.close(giveawayId, showId)) || (await stage.first.service.get(giveawayId)).state !== 'open',
          { interval: 5 },
        )
        .toBe(true),
    )
    const taps = Array.from({ length: 20 }, (_, i) => tapUntilClosed(i % 2 ? stage.first : stage.second, i))
    expect(new Set(await Promise.all(taps))).toEqual(new Set(['giveaway.closed']))
    await Promise.all(closers)
    const drawn = await stage.draw(one)
    const all = answered.toSorted((a, b) => a - b)
    expect(all.length).toBeGreaterThanOrEqual(20)
    expect(all).toEqual(Array.from({ length: drawn.entryCount }, (_, i) => i + 1))
    const exported = await stage.first.service.export(giveawayId)
    expect(exported.entryHashes).toHaveLength(all.length)
    expect(verifyGiveaway(exported, { entryListHash: drawn.entryListHash }).ok).toBe(true)
    // The others are moved by an hour: this one must not be the latest of the show.
    await stage.unguarded(
      `UPDATE giveaways SET opened_at = opened_at - interval '1 day', entries_close_at = entries_close_at - interval '1 day' WHERE id = $1`,
      [giveawayId],
    )
  })

  it('[GI11] can be worked out again by anybody, and is tied to what the room and each entrant were told', async () => {
    const people = await stage.accounts(names)
    const one = await stage.open({ winnerCount: 2, prize: { kind: 'variant', variantId: stage.variantId } })
    const answers = await Promise.all(people.map((person) => stage.enter(one.giveawayId, person)))
    await stage.draw(one)
    const exported = await stage.second.service.export(one.giveawayId)
    const [opened, closed] = await stage.events(one.giveawayId)
    const told = opened?.data.giveaway as Giveaway | undefined
    const seedCommitment = String(told?.seedCommitment)
    const entryListHash = String(closed?.data.entryListHash)
    for (const [i, person] of people.entries()) {
      const ownEntry = { accountId: person.accountId, ...(answers[i]?.entry as GiveawayEntry) }
      const verdict = verifyGiveaway(exported, { seedCommitment, entryListHash, ownEntry })
      expect(verdict.checks.filter((check) => !check.ok)).toEqual([])
    }
    expect(exported.entryHashes).toHaveLength(6)
    expect(exported.winners.map(({ entryNo, displayName }) => ({ entryNo, displayName }))).toEqual(
      (await stage.first.service.get(one.giveawayId)).winners,
    )
    const losers = people.filter((person) => !exported.winners.some((winner) => winner.accountId === person.accountId))
    expect(losers).toHaveLength(4)
    for (const { accountId } of losers) expect(JSON.stringify(exported)).not.toContain(accountId)
  })

  it.each([
    ['list_changed', "UPDATE giveaway_entries SET display_name = 'Mallory' WHERE giveaway_id = $1 AND entry_no = 2"],
    ['list_changed', 'DELETE FROM giveaway_entries WHERE giveaway_id = $1 AND entry_no = 2'],
    ['seed_changed', "UPDATE giveaway_seeds SET seed = sha256('mine') WHERE giveaway_id = $1"],
    ['seed_changed', 'DELETE FROM giveaway_seeds WHERE giveaway_id = $1'],
  ])('[GI3] [GI12] is not made from what was altered: %s, by %s', async (reason, alteration) => {
    const before = await stage.stock()
    const goods = { prize: { kind: 'variant', variantId: stage.variantId }, winnerCount: 2 }
    const one = await entered(await stage.accounts(['Ada', 'Ben']), goods)
    const { giveawayId, showId } = one
    await stage.endEntries(giveawayId)
    await stage.first.drawing.close(giveawayId, showId)
    await stage.waitOver(giveawayId)
    await stage.unguarded(alteration, [giveawayId])
    const processes = [stage.first, stage.second, stage.first, stage.second]
    const tries = await Promise.all(processes.map(({ drawing }) => drawing.draw(giveawayId, showId)))
    expect(tries.filter(Boolean)).toHaveLength(1)
    expect(await stage.first.service.get(giveawayId)).toMatchObject({ state: 'void', seed: null, winners: [] })
    expect((await stage.events(giveawayId)).slice(2)).toEqual([
      { type: 'giveaway:voided', data: { giveawayId, reason } },
    ])
    expect(await codeOf(stage.first.service.export(giveawayId))).toBe('giveaway.not_drawn')
    expect(await prizesOf(giveawayId)).toEqual([])
    expect(await stage.stock()).toEqual(before)
    expect((await stage.draw(await stage.open())).state).toBe('drawn')
  })

  it('[GI13] gives what nobody can win back to the stock, and ends without winners where nobody entered', async () => {
    const before = await stage.stock()
    const goods = { prize: { kind: 'variant', variantId: stage.variantId }, winnerCount: 3 }
    const nobody = await stage.draw(await entered([], goods))
    expect(nobody).toMatchObject({ state: 'drawn', entryCount: 0, winners: [] })
    expect(verifyGiveaway(await stage.first.service.export(nobody.giveawayId)).ok).toBe(true)
    expect(await stage.stock()).toEqual(before)
    const few = await stage.draw(await entered(await stage.accounts(['Ada', 'Ben']), goods))
    expect(few.winners.map(({ displayName }) => displayName).toSorted()).toEqual(['Ada', 'Ben'])
    expect(await stage.stock()).toEqual({
      ...before,
      available: (before?.available ?? 0) - 2,
      held: (before?.held ?? 0) + 2,
    })
  })

  it('[GI14] is in the snapshot of the room as it stands, also of a state that was rebuilt', async () => {
    const people = await stage.accounts(['Ada', 'Ben'])
    const one = await entered(people)
    await stage.first.drawing.tellCount(one.giveawayId, one.showId)
    await stage.deliver()
    const read = async () => (await stage.nodes[1]?.live.states.read(stage.showId))?.snapshot.giveaway
    expect(await read()).toEqual({ ...one, entryCount: 2 })
    const drawn = await stage.draw(one)
    await stage.deliver()
    // The deadlines were moved behind the room's back; everything else it was told.
    const shown = await read()
    expect(shown).toEqual(drawn)
    await stage.nodes[0]?.redis.flushdb()
    expect(await read()).toEqual(drawn)
  })
})

describe('prizes', () => {
  const winnersOf = (people: readonly AccountActor[], { winners }: Giveaway) =>
    winners.map(({ entryNo }) => people[entryNo - 1] as AccountActor)

  it('[GI15] are claimed once, by whoever won them, to the saved address or another; the goods leave the stock', async () => {
    const people = await stage.accounts(names)
    const goods = { prize: { kind: 'variant', variantId: stage.variantId }, winnerCount: 2 }
    const before = await stage.stock()
    const drawn = await stage.draw(await entered(people, goods))
    const [one, two] = winnersOf(people, drawn) as [AccountActor, AccountActor]
    const loser = people.find((person) => person !== one && person !== two) as AccountActor
    const { prizes } = stage.first
    const claim = (actor: AccountActor, address?: typeof street) =>
      prizes.claim(drawn.giveawayId, address, actor.accountId)
    expect(await codeOf(claim(loser, street))).toBe('prize.not_found')
    expect(await codeOf(prizes.claim(newId(), street, one.accountId))).toBe('giveaway.not_found')
    expect(await codeOf(claim(one))).toBe('checkout.address_missing')
    stage.addresses.set(one.accountId, street)
    const claims = await Promise.all([claim(one), claim(one), claim(one, { ...street, city: 'York' })])
    expect(new Set(claims.map((prize) => JSON.stringify(prize))).size).toBe(1)
    expect(claims[0]).toMatchObject({ state: 'claimed', isPassedOn: false, claimedAtMs: expect.any(Number) })
    expect((await claim(two, { ...street, city: 'Hull' })).address).toEqual({ ...street, city: 'Hull' })
    expect(await stage.stock()).toEqual({
      ...before,
      available: (before?.available ?? 0) - 2,
      sold: (before?.sold ?? 0) + 2,
    })
    // The warehouse sends what is in the catalogue: the host is told that it was claimed, not where to.
    expect((await prizesOf(drawn.giveawayId)).map(({ state, address }) => ({ state, address }))).toEqual(
      Array(2).fill({ state: 'claimed', address: null }),
    )
    expect((await prizes.listMine(one.accountId)).items.map((prize) => prize.giveawayId)).toEqual([drawn.giveawayId])
    const other = await stage.newAccount('Otto', ['buyer', 'creator'])
    expect(await codeOf(prizes.listHanded(drawn.giveawayId, other))).toBe('giveaway.not_found')
  })

  it('[GI15] that the host sends show the host where to', async () => {
    const people = await stage.accounts(['Ada'])
    const drawn = await stage.draw(await entered(people))
    await stage.first.prizes.claim(drawn.giveawayId, street, people[0]?.accountId as never)
    expect(await prizesOf(drawn.giveawayId)).toEqual([
      {
        prizeNo: 1,
        entryNo: 1,
        displayName: 'Ada',
        isPassedOn: false,
        state: 'claimed',
        claimBeforeMs: expect.any(Number),
        claimedAtMs: expect.any(Number),
        address: street,
      },
    ])
  })

  it('[GI16] that are not claimed in 48 hours go on to the next of the draw, three times, and then back', async () => {
    const people = await stage.accounts(names)
    const before = await stage.stock()
    const drawn = await stage.draw(await entered(people, { prize: { kind: 'variant', variantId: stage.variantId } }))
    const { drawOrder } = await stage.first.service.export(drawn.giveawayId)
    const inTurn = drawOrder.map((entryNo) => people[entryNo - 1] as AccountActor)
    expect(inTurn).toHaveLength(4)
    const [first] = await prizesOf(drawn.giveawayId)
    expect(first?.claimBeforeMs).toBeGreaterThan(Date.now() + 47.9 * 3_600_000)
    for (const turn of [0, 1, 2, 3]) {
      await Promise.all([stage.first.prizes.sweep(), stage.second.prizes.sweep()])
      expect((await prizesOf(drawn.giveawayId)).map(({ state }) => state)).toEqual([
        ...Array(turn).fill('expired'),
        'waiting',
      ])
      await stage.prizesOver(drawn.giveawayId)
      expect(await codeOf(stage.first.prizes.claim(drawn.giveawayId, street, inTurn[turn]?.accountId as never))).toBe(
        'prize.expired',
      )
      expect((await stage.stock())?.held).toBe((before?.held ?? 0) + 1)
      await Promise.all([stage.first.prizes.sweep(), stage.second.prizes.sweep()])
    }
    expect((await prizesOf(drawn.giveawayId)).map(({ entryNo, state }) => ({ entryNo, state }))).toEqual(
      drawOrder.map((entryNo) => ({ entryNo, state: 'expired' })),
    )
    expect(await stage.stock()).toEqual(before)
    for (const person of inTurn)
      await expect.poll(() => toldTo(person).toSorted()).toEqual(['giveaway:prize-expired', 'giveaway:prize-won'])
  })

  it('[GI16] are somebody else’s in their turn, who claims them as the winner would have', async () => {
    const people = await stage.accounts(['Ada', 'Ben'])
    const drawn = await stage.draw(await entered(people))
    await stage.prizesOver(drawn.giveawayId)
    await stage.first.prizes.sweep()
    const { drawOrder } = await stage.first.service.export(drawn.giveawayId)
    const next = people[(drawOrder[1] as number) - 1] as AccountActor
    const prize: WonPrize = await stage.first.prizes.claim(drawn.giveawayId, street, next.accountId)
    expect(prize).toMatchObject({ state: 'claimed', isPassedOn: true, entryNo: drawOrder[1], address: street })
  })

  it('[GI17] belong to one person at a time: of a claim and the end of its time one wins', async () => {
    for (let round = 0; round < 12; round += 1) {
      const people = await stage.accounts(['Ada', 'Ben'])
      const drawn = await stage.draw(await entered(people))
      const [winner] = winnersOf(people, drawn) as [AccountActor]
      await stage.run(
        `UPDATE giveaway_prizes SET claim_before = clock_timestamp() + interval '8 milliseconds' WHERE giveaway_id = $1`,
        [drawn.giveawayId],
      )
      const [claimed] = await Promise.all([
        codeOf(stage.first.prizes.claim(drawn.giveawayId, street, winner.accountId)),
        expect
          .poll(async () => {
            await stage.second.prizes.sweep()
            return (
              await stage.run(
                'SELECT 1 FROM giveaway_prizes WHERE giveaway_id = $1 AND state = $2 AND claim_before < now()',
                [drawn.giveawayId, 'waiting'],
              )
            ).length
          })
          .toBe(0),
      ])
      await stage.second.prizes.sweep()
      const states = (await prizesOf(drawn.giveawayId)).map(({ state }) => state)
      expect(states.slice(0, 2)).toEqual(claimed === 'done' ? ['claimed'] : ['expired', 'waiting'])
    }
  })

  it('[GI18] are reminded of once, when six hours are left', async () => {
    const people = await stage.accounts(['Ada'])
    const drawn = await stage.draw(await entered(people))
    await stage.first.prizes.sweep()
    await expect.poll(() => toldTo(people[0])).toEqual(['giveaway:prize-won'])
    await stage.run(`UPDATE giveaway_prizes SET claim_before = now() + interval '5 hours' WHERE giveaway_id = $1`, [
      drawn.giveawayId,
    ])
    for (let i = 0; i < 3; i += 1) await Promise.all([stage.first.prizes.sweep(), stage.second.prizes.sweep()])
    await expect.poll(() => toldTo(people[0])).toEqual(['giveaway:prize-won', 'giveaway:prize-expiring'])
  })
})
