import type { AccountId, AuctionId, ShowId } from '@livelot/client/contracts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { newId } from '#kernel/ids'
import { createOutbidNews } from './outbid-news.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const [ada, ben] = [newId() as AccountId, newId() as AccountId]
const [auctionId, showId] = [newId() as AuctionId, newId() as ShowId]
const at = (priceMinor: number) => ({
  auctionId,
  showId,
  lotNumber: 1,
  priceMinor,
  nextMinimumMinor: priceMinor + 100,
})

function start() {
  const told: [AccountId, unknown][] = []
  const news = createOutbidNews({ toAccount: (accountId, _, data) => void told.push([accountId, data]) })
  return { news, told }
}

it('[AU38] tells at once, and then the latest price once a second', () => {
  const { news, told } = start()
  for (let price = 100; price <= 1_000; price += 100) news.outbid(ada, at(price))
  expect(told).toEqual([[ada, at(100)]])
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual([
    [ada, at(100)],
    [ada, at(1_000)],
  ])
  vi.advanceTimersByTime(5_000)
  expect(told).toHaveLength(2)
  news.outbid(ada, at(1_100))
  expect(told).toHaveLength(3)
})

it('[AU38] does not tell late who leads again', () => {
  const { news, told } = start()
  news.outbid(ada, at(100))
  news.outbid(ada, at(200))
  news.outbid(ben, at(300))
  news.leads(ada, auctionId)
  vi.advanceTimersByTime(5_000)
  expect(told).toEqual([
    [ada, at(100)],
    [ben, at(300)],
  ])
})
