import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  allOperations,
  type ChatLine,
  getPaymentConfig,
  listProducts,
  mediaCapabilities,
  type Operation,
  operationPriorities,
  sendChat,
  syncClock,
} from '@livelot/client/contracts'
import express from 'express'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { assertDeclared } from './access.ts'
import { bindHttp } from './http/bind.ts'
import { createHttpMetrics } from './http/metrics.ts'
import { LoadJudge, type LoadLevel, type LoadMonitor, startLoadMonitor } from './load.ts'
import { refuseWhenBusy } from './shedding.ts'
import { ChatLane, type ChatLaneOptions } from './sockets/chat-lane.ts'
import { limits } from './sockets/limits.ts'

describe('the load', () => {
  const levels = (delaysMs: number[]) => {
    const judge = new LoadJudge()
    return delaysMs.map((delayMs) => judge.sample(delayMs))
  }

  it('is judged by three samples in a row, up and down', () => {
    expect(levels([120, 120, 20, 120, 120, 120])).toEqual([0, 0, 0, 0, 0, 1])
    expect(levels([200, 300, 200, 300, 200, 300])).toEqual([0, 0, 1, 2, 2, 2])
    expect(levels([300, 300, 300, 300, 300, 11, 11, 11])).toEqual([0, 0, 1, 2, 3, 3, 3, 0])
  })

  it('rises one step at a time, however bad it is at once', () => {
    expect(levels([900, 900, 900, 900, 900, 900])).toEqual([0, 0, 1, 2, 3, 3])
  })
})

describe('the priority of an operation', () => {
  it('is declared for every operation, and for nothing else', () => {
    expect([...operationPriorities.keys()].sort()).toEqual([...allOperations.keys()].sort())
  })

  it('must be declared before an operation is bound', () => {
    const unknown: Operation = { ...syncClock, name: 'clock:guess' }
    expect(() => assertDeclared(unknown)).toThrow('Operation clock:guess has no priority')
  })

  it('is essential for everything that moves money or stock', () => {
    const names = [...allOperations.keys()].filter((name) => /^(checkout|card|payment|settlement):/.test(name))
    const taps = ['auction:place-bid', 'auction:buy-now', 'flash-sale:reserve', 'lot:place-pre-bid', 'order:refund']
    expect([...names, ...taps].filter((name) => operationPriorities.get(name) !== 'essential')).toEqual([])
  })

  const refusedAt = (operation: Operation) =>
    ([0, 1, 2, 3] as const).filter((level) => {
      try {
        refuseWhenBusy(operation, level)
        return false
      } catch {
        return true
      }
    })

  it('says from which level it is refused', () => {
    expect([sendChat, listProducts, mediaCapabilities, getPaymentConfig].map(refusedAt)).toEqual([
      [2, 3],
      [2, 3],
      [3],
      [],
    ])
  })
})

describe('chat', () => {
  const line = (text: string) => ({ chatLineId: text, text, badge: 'none' }) as unknown as ChatLine
  const said = async (level: LoadLevel) => {
    const batches: { lines: unknown[]; cut: number }[] = []
    const source = { chatChannel: () => 'chat', keepLines: async () => undefined }
    const bus = {
      publish: (_channel: string, text: string) => void batches.push(JSON.parse(text)),
      subscribe: () => () => undefined,
    }
    const room = { showId: 'show', members: new Set(), rules: {} }
    const log = pino({ level: 'silent' })
    const parts = { room, source, bus, log, loadLevel: () => level } as unknown as ChatLaneOptions
    const lane = new ChatLane(parts)
    for (let i = 0; i < limits.chatLinesMax; i += 1) lane.say(line(String(i)))
    await expect.poll(() => batches.length).toBe(1)
    lane.close()
    return [batches[0]?.lines.length, batches[0]?.cut]
  }

  it('is thinned before anything is refused', async () => {
    expect(await said(0)).toEqual([limits.chatLinesMax, 0])
    const kept = limits.chatLinesMaxUnderLoad
    expect(await said(1)).toEqual([kept, limits.chatLinesMax - kept])
  })
})

describe('an event loop that is late', () => {
  let monitor: LoadMonitor | undefined
  let blockMs = 0
  let isOver = false
  const server = createServer()
  afterEach(async () => {
    isOver = true
    monitor?.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  /** Work that holds the loop for `blockMs`, then lets it turn for a moment, again and again. */
  const holdUp = () => {
    const endsAtMs = performance.now() + blockMs
    while (performance.now() < endsAtMs);
    if (!isOver) setTimeout(holdUp, 40)
  }

  it('sheds chat, then browsing, then who comes in, and never what a sale is made of', async () => {
    const changes: LoadLevel[] = []
    monitor = startLoadMonitor((level) => void changes.push(level), 150)
    const loadLevel = () => monitor?.level ?? 0
    let servedAt: LoadLevel = 0
    const whenServed = () => {
      servedAt = loadLevel()
      return servedAt
    }
    const router = express.Router()
    const answers = [listProducts, mediaCapabilities, getPaymentConfig].map((operation) => ({
      operation: { ...operation, access: 'anyone' } as Operation,
      handle: async () => ({}),
    }))
    const log = pino({ level: 'silent' })
    const metrics = createHttpMetrics(new Registry())
    const authenticate = async () => ({ kind: 'guest' }) as const
    bindHttp(router, answers, { authenticate, log, metrics, cookieSecure: false, loadLevel: whenServed })
    server.on('request', express().set('trust proxy', 1).use(router))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    let asked = 0
    const ask = async ({ operation }: { operation: Operation }) => {
      asked += 1
      // From many addresses, because one alone would meet the limit of guests.
      const headers = { 'x-forwarded-for': `10.0.${asked >> 8}.${asked & 255}` }
      const response = await fetch(`http://127.0.0.1:${port}${operation.http?.path}`, { headers })
      const told = { status: response.status, retryAfter: response.headers.get('retry-after') }
      await response.arrayBuffer()
      return { ...told, name: operation.name, level: servedAt }
    }
    const seen = new Map<string, Set<string>>()
    const askAll = async () => {
      for (const one of answers) {
        const { status, retryAfter, name, level } = await ask(one)
        if (status === 503) expect(Number(retryAfter)).toBeGreaterThanOrEqual(2)
        seen.set(`${level} ${name}`, (seen.get(`${level} ${name}`) ?? new Set()).add(String(status)))
      }
    }
    await askAll()
    holdUp()
    for (const [level, ms] of [
      [1, 120],
      [2, 200],
      [3, 300],
    ] as const) {
      blockMs = ms
      while (loadLevel() < level) await askAll()
    }
    await askAll()
    blockMs = 0
    isOver = true
    await expect.poll(loadLevel).toBe(0)
    await askAll()

    expect(changes.slice(0, 3)).toEqual([1, 2, 3])
    const statusesOf = (name: string, level: LoadLevel) => [...(seen.get(`${level} ${name}`) ?? ['not asked'])]
    const atTop = answers.map(({ operation }) => statusesOf(operation.name, 3))
    expect(atTop).toEqual([['503'], ['503'], ['200']])
    const well = answers.map(({ operation }) => statusesOf(operation.name, 0))
    expect(well).toEqual([['200'], ['200'], ['200']])
    const between = [...seen].filter(([key]) => /^[12]/.test(key)).map(([key, statuses]) => [key, [...statuses]])
    for (const [key, statuses] of between)
      expect([key, statuses]).toEqual([key, [key === '2 product:list' ? '503' : '200']])
  })
})
