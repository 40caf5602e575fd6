import { addHearts, type OperationId, type RequestInputOf, removeChatLine, sendChat } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { type TestRedis, testRedis } from '../../../test/support/services.ts'
import { type Stage, type StageNode, startStage } from './testing/stage.ts'
import { Viewer } from './testing/viewer.ts'

let redis: TestRedis
let stage: Stage
let nodes: [StageNode, StageNode]

beforeAll(async () => {
  redis = await testRedis()
  stage = await startStage({ redisUrl: redis.url, nodeCount: 2 })
  nodes = stage.nodes as [StageNode, StageNode]
})
afterAll(async () => {
  await stage.close()
  await redis.drop()
})

const enter = (actor: AccountActor, node = nodes[0]) => new Viewer(node.url, stage.showId, stage.tokenOf(actor)).join()

const words = (text: string, operationId = newId<OperationId>()): RequestInputOf<typeof sendChat> => ({
  showId: stage.showId,
  text,
  operationId,
})

const refusal = async (viewer: Viewer, text: string) => {
  const ack = await viewer.send(sendChat.name, words(text))
  return ack.ok ? 'said' : ack.problem.code
}

describe('chat', () => {
  it('reaches people on both processes, with badge and mentions, once', async () => {
    const host = await enter(stage.host)
    const buyer = await enter(await stage.newAccount('Ann'), nodes[1])
    const guest = await new Viewer(nodes[1].url, stage.showId).join()
    const operationId = newId<OperationId>()
    const { line } = await host.ask(sendChat, words('  Hello\u200b   @Ann, look! ', operationId))
    expect(line).toMatchObject({ name: 'Hana', text: 'Hello @Ann, look!', badge: 'host', mentions: ['Ann'] })
    const again = await host.ask(sendChat, words('Hello @Ann, look!', operationId))
    expect(again.line).toEqual(line)
    await buyer.ask(sendChat, words('hi'))
    for (const viewer of [host, buyer, guest]) {
      await viewer.until(() => viewer.lines.length >= 2)
      expect(viewer.lines.map(({ text, badge }) => [text, badge])).toEqual([
        ['Hello @Ann, look!', 'host'],
        ['hi', 'none'],
      ])
    }
    const late = await new Viewer(nodes[0].url, stage.showId).join()
    expect(late.answer?.chat).toEqual(host.lines)
    for (const viewer of [host, buyer, guest, late]) viewer.close()
  })

  it('can be said only by those who are in the room, in so many words', async () => {
    const outside = await new Viewer(
      nodes[0].url,
      stage.showId,
      stage.tokenOf(await stage.newAccount('Out')),
    ).connected()
    expect(await refusal(outside, 'hello?')).toBe('show.not_joined')
    await outside.join()
    expect(await refusal(outside, ' \u200b\u202e ')).toBe('chat.empty')
    expect(await refusal(outside, 'x'.repeat(301))).toBe('request.invalid')
    outside.close()
  })

  it('is limited by person, however many connections one person opens', async () => {
    const account = await stage.newAccount('Flo')
    const viewers = await Promise.all(Array.from({ length: 3 }, () => enter(account)))
    const said = await Promise.all(viewers.flatMap((viewer) => Array.from({ length: 8 }, () => refusal(viewer, 'hi'))))
    expect(said.filter((code) => code === 'said').length).toBeLessThanOrEqual(sendChat.socket.rate.burst + 1)
    expect(new Set(said)).toEqual(new Set(['said', 'request.rate_limited']))
    for (const viewer of viewers) viewer.close()
  })

  it('keeps slow mode over both processes, host and moderators excepted', async () => {
    const { live } = nodes[0]
    const settings = { showId: stage.showId, slowModeSeconds: 60, mutedWords: ['Spam', '优惠'] }
    const account = await stage.newAccount('Slow')
    const [phone, laptop] = [await enter(account), await enter({ ...account, sessionId: newId() }, nodes[1])]
    const host = await enter(stage.host, nodes[1])
    await live.service.setChatSettings(settings, stage.host)
    await settled(async () => (await refusal(phone, 'no SPAM here')) === 'chat.word_refused')
    expect(await refusal(laptop, '最新优惠')).toBe('chat.word_refused')
    expect(await refusal(phone, 'spammer is another word')).toBe('said')
    const ack = await laptop.send(sendChat.name, words('me again'))
    expect(ack).toMatchObject({ ok: false, problem: { code: 'chat.slow_mode', retry: 'later' } })
    expect(await refusal(host, 'one')).toBe('said')
    expect(await refusal(host, 'spam, says the host')).toBe('said')
    await live.service.setChatSettings({ ...settings, slowModeSeconds: 0, mutedWords: [] }, stage.host)
    await settled(async () => (await refusal(laptop, 'spam')) === 'said')
    for (const viewer of [phone, laptop, host]) viewer.close()
  })

  it('takes a line back for everybody, also for those who come later', async () => {
    const host = await enter(stage.host)
    const buyer = await enter(await stage.newAccount('Rude'), nodes[1])
    const { line } = await buyer.ask(sendChat, words('something rude'))
    await host.until(() => host.lines.some((one) => one.chatLineId === line.chatLineId))
    const target = { showId: stage.showId, chatLineId: line.chatLineId }
    expect(await buyer.send(removeChatLine.name, target)).toMatchObject({ problem: { code: 'auth.forbidden' } })
    await host.ask(removeChatLine, target)
    await buyer.until(() => buyer.removed.includes(line.chatLineId))
    const late = await new Viewer(nodes[1].url, stage.showId).join()
    expect(late.answer?.chat.map((one) => one.chatLineId)).not.toContain(line.chatLineId)
    expect((await nodes[0].live.rooms.recentLines(stage.showId)).map((one) => one.chatLineId)).not.toContain(
      line.chatLineId,
    )
    for (const viewer of [host, buyer, late]) viewer.close()
  })

  it('thins out a flood, counts what was left out, and keeps the host’s words', async () => {
    const speakers = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => enter(await stage.newAccount(`S${i}`), nodes[i % 2])),
    )
    const host = await enter(stage.host)
    const reader = await new Viewer(nodes[1].url, stage.showId).join()
    await Promise.all(
      speakers.flatMap((one, i) => [one.send(sendChat.name, words(`a${i}`)), one.send(sendChat.name, words(`b${i}`))]),
    )
    await host.ask(sendChat, words('quiet please'))
    await reader.until(() => reader.lines.length + reader.cut >= 121)
    expect(reader.lines.length + reader.cut).toBe(121)
    expect(reader.lines.map((line) => line.text)).toContain('quiet please')
    for (const viewer of [...speakers, host, reader]) viewer.close()
  })
})

describe('moderation', () => {
  it('mutes everywhere at once, and lifts it', async () => {
    const account = await stage.newAccount('Loud')
    const loud = await enter(account, nodes[1])
    const { service } = nodes[0].live
    const target = { showId: stage.showId, accountId: account.accountId }
    await service.moderate({ ...target, action: 'mute' }, stage.host)
    await settled(async () => (await refusal(loud, 'hey')) === 'chat.muted')
    await service.moderate({ ...target, action: 'unmute' }, stage.host)
    await settled(async () => (await refusal(loud, 'hey')) === 'said')
    loud.close()
  })

  it('ends a banned person’s connections on every process and lets nobody of them in again', async () => {
    const account = await stage.newAccount('Bad')
    const everywhere = [await enter(account, nodes[0]), await enter({ ...account, sessionId: newId() }, nodes[1])]
    const other = await enter(await stage.newAccount('Good'), nodes[1])
    await nodes[0].live.service.moderate(
      { showId: stage.showId, accountId: account.accountId, action: 'ban' },
      stage.host,
    )
    for (const viewer of everywhere) {
      await viewer.until(() => !viewer.socket.connected)
      expect(viewer.limited).toEqual(['banned'])
    }
    await expect(enter({ ...account, sessionId: newId() }, nodes[1])).rejects.toThrow('chat.banned')
    expect(other.socket.connected).toBe(true)
    other.close()
  })
})

describe('the audience', () => {
  it('is counted over both processes; people who leave are no longer in it, hearts add up', async () => {
    const people = await Promise.all(nodes.map((node) => new Viewer(node.url, stage.showId).join()))
    const [a, b] = people as [Viewer, Viewer]
    const pulses: { viewerCount: number; heartCount: number; seq: number; epoch: string }[] = []
    a.socket.on('show:pulse', (pulse) => pulses.push(pulse))
    await a.until(() => pulses.at(-1)?.viewerCount === 2)
    const before = pulses.at(-1)?.heartCount ?? 0
    await a.ask(addHearts, { showId: stage.showId, hearts: 3 })
    await b.ask(addHearts, { showId: stage.showId, hearts: 20 })
    await a.until(() => pulses.at(-1)?.heartCount === before + 23)
    expect(pulses.at(-1)).toMatchObject({ seq: a.cursor?.seq, epoch: a.cursor?.epoch })
    expect((await nodes[0].live.service.get(stage.showId)).viewerCount).toBe(2)
    b.close()
    await a.until(() => pulses.at(-1)?.viewerCount === 1)
    a.close()
  })
})

/** Asks until it is so; rules travel to the processes behind the answer. */
async function settled(isSo: () => Promise<boolean>): Promise<void> {
  const endsAtMs = performance.now() + 5_000
  while (!(await isSo())) {
    if (performance.now() > endsAtMs) throw new Error('not so within 5 s')
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}
