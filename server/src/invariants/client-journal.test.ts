import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HeardLine } from './client-journal.ts'
import { readClientJournals } from './client-journal.ts'
import { brokenHearing } from './rooms.ts'

const id = (place: number) => `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`
const intent = { at: 1, actor: id(1), operationId: id(2), kind: 'bid', intent: { auctionId: id(3), amountMinor: 500 } }
const answer = { at: 2, operationId: id(2), answer: 'ok', result: { answer: 'leading' } }

describe('client journals', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'livelot-journals-'))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const write = (text: string) => writeFile(path.join(folder, 'one.jsonl'), text)
  const lines = (...all: unknown[]) => all.map((one) => `${JSON.stringify(one)}\n`).join('')

  it('are read from files and folders', async () => {
    await write(lines(intent, answer, { at: 3, lost: 'redis', since: 2 }))
    const read = await readClientJournals([folder])
    expect(read).toEqual({
      intents: [intent],
      answers: [answer],
      heard: [],
      lost: [{ at: 3, lost: 'redis', since: 2 }],
    })
    expect(await readClientJournals([path.join(folder, 'one.jsonl')])).toEqual(read)
  })

  it('may end within a line', async () => {
    await write(`${lines(intent)}{"at":2,"opera`)
    expect((await readClientJournals([folder])).intents).toEqual([intent])
  })

  it.each([
    ['no JSON', '{"at":2,"opera\n'],
    ['a kind that nobody knows', lines({ ...intent, kind: 'steal' })],
    ['more than is known', lines({ ...answer, more: 1 })],
  ])('are refused with %s', async (_what, text) => {
    await write(`${text}${lines(intent)}`)
    await expect(readClientJournals([folder])).rejects.toThrow('one.jsonl:1 is no line of a client journal')
  })
})

describe('what rooms told', () => {
  const line = (actor: string, heard: HeardLine['heard'], seq: number, more: Partial<HeardLine> = {}): HeardLine => ({
    ...{ at: 1, actor, heard, showId: id(1), epoch: 'e', seq },
    ...(heard === 'event' && { type: 'auction:closed', hash: `hash of ${seq}` }),
    ...more,
  })
  const problems = (...heard: HeardLine[]) =>
    brokenHearing(heard).map(({ actor, seq, problem }) => [actor, seq, problem])

  it('[I23] is the same for all', () => {
    const heard = ['ada', 'bob'].flatMap((who) => [
      line(who, 'snapshot', 4),
      line(who, 'event', 5),
      line(who, 'event', 6),
    ])
    expect(problems(...heard)).toEqual([])
  })
  it('[I23] is told where somebody heard something else', () => {
    const other = line('bob', 'event', 5, { hash: 'another' })
    expect(problems(line('ada', 'snapshot', 4), line('ada', 'event', 5), line('bob', 'snapshot', 4), other)).toEqual([
      ['bob', 5, 'heard something else than another client'],
    ])
  })
  it('[I23] is told where something came twice', () => {
    expect(problems(line('ada', 'snapshot', 4), line('ada', 'event', 5), line('ada', 'event', 5))).toEqual([
      ['ada', 5, 'was told twice, or out of order'],
    ])
  })
  it('[I23] is told where something was left out', () => {
    const heard = [
      line('ada', 'snapshot', 4),
      line('ada', 'event', 5),
      line('bob', 'snapshot', 4),
      line('bob', 'event', 6),
    ]
    expect(problems(...heard, line('ada', 'end', 6))).toEqual([
      ['bob', 5, 'was not told'],
      ['ada', 6, 'was not told'],
    ])
  })
  it('[I23] lets prices that follow each other be told as one', () => {
    const price = { type: 'auction:price-changed' }
    expect(
      problems(
        line('ada', 'snapshot', 4),
        line('ada', 'event', 5, price),
        line('bob', 'snapshot', 4),
        line('bob', 'event', 6, price),
      ),
    ).toEqual([])
  })
})
