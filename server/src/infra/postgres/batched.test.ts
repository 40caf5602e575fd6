import { expect, it } from 'vitest'
import { batched, batchedOrAlone } from './batched.ts'

it('sends a lone call at once and gathers what comes while it is away', async () => {
  const batches: (readonly number[])[] = []
  let release: () => void = () => undefined
  let gate: Promise<void> = Promise.resolve()
  const close = () => {
    gate = new Promise((resolve) => {
      release = resolve
    })
  }
  const double = batched(
    async (items: readonly number[]) => {
      batches.push(items)
      await gate
      return items.map((item) => item * 2)
    },
    { sizeMax: 3, parallel: 1 },
  )
  close()
  const first = double(1)
  await expect.poll(() => batches).toEqual([[1]])
  const rest = [2, 3, 4, 5].map(double)
  release()
  expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8, 10])
  expect(batches).toEqual([[1], [2, 3, 4], [5]])
})

it('tells every caller of a batch its error, and goes on with the next', async () => {
  let isBroken = true
  const call = batched(
    async (items: readonly string[]) => {
      if (isBroken) throw new Error('cut')
      return items
    },
    { sizeMax: 10, parallel: 1 },
  )
  const answers = await Promise.allSettled([call('a'), call('b')])
  expect(answers.map((one) => one.status === 'rejected' && one.reason.message)).toEqual(['cut', 'cut'])
  isBroken = false
  expect(await call('c')).toBe('c')
})

it('runs each alone where a batch fails, and tells each its own error', async () => {
  const runs: number[][] = []
  const apart: number[] = []
  const half = batchedOrAlone(
    async (items: readonly number[]) => {
      runs.push([...items])
      const odd = items.find((item) => item % 2 === 1)
      if (odd !== undefined) throw new Error(`${odd} is odd`)
      return items.map((item) => item / 2)
    },
    { sizeMax: 10, parallel: 1, onApart: (_error, size) => apart.push(size) },
  )
  const answers = await Promise.allSettled([2, 3, 4].map(half))
  expect(answers).toEqual([
    { status: 'fulfilled', value: 1 },
    { status: 'rejected', reason: new Error('3 is odd') },
    { status: 'fulfilled', value: 2 },
  ])
  expect([runs, apart]).toEqual([[[2, 3, 4], [2], [3], [4]], [3]])
  await expect(half(5)).rejects.toThrow('5 is odd')
  expect(await half(6)).toBe(3)
  expect(apart).toEqual([3])
})
