import { pino } from 'pino'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { job, jobHandler } from '#kernel/job'
import { createSweptJobs } from './swept-jobs.ts'

const swept = job({ name: 'test.swept', payload: z.strictObject({ number: z.int() }), isSwept: true })
const queued = job({ name: 'test.queued', payload: z.strictObject({ number: z.int() }) })
const log = pino({ level: 'silent' })
const rowOf = (number: number, name = swept.name) => ({ id: number, job: name, payload: { number }, ordered: false })

/** Jobs that end when the test says so. */
function heldJobs(concurrency: number) {
  const begun: number[] = []
  const ends = new Map<number, PromiseWithResolvers<void>>()
  const handler = jobHandler(swept, async ({ number }) => {
    begun.push(number)
    const end = Promise.withResolvers<void>()
    ends.set(number, end)
    await end.promise
  })
  const jobs = createSweptJobs({ handlers: [handler, jobHandler(queued, async () => undefined)], concurrency, log })
  return { jobs, begun, ends }
}

it('takes swept jobs only', () => {
  const { jobs } = heldJobs(1)
  expect([jobs.takes(rowOf(1)), jobs.takes(rowOf(1, queued.name)), jobs.takes(rowOf(1, 'unknown'))]).toEqual([
    true,
    false,
    false,
  ])
})

it('runs so many at once and no more, in the order given, and goes on after one that failed', async () => {
  const { jobs, begun, ends } = heldJobs(2)
  jobs.begin([1, 2, 3, 4].map((number) => rowOf(number)))
  await expect.poll(() => begun).toEqual([1, 2])
  ends.get(2)?.reject(new Error('its own fault'))
  await expect.poll(() => begun).toEqual([1, 2, 3])
  ends.get(1)?.resolve()
  await expect.poll(() => begun).toEqual([1, 2, 3, 4])
})

it('has room again when few wait', async () => {
  const { jobs, begun, ends } = heldJobs(1)
  await jobs.hasRoom()
  jobs.begin([1, 2, 3].map((number) => rowOf(number)))
  let isRoom = false
  const room = jobs.hasRoom().then(() => {
    isRoom = true
  })
  await expect.poll(() => begun).toEqual([1])
  ends.get(1)?.resolve()
  await expect.poll(() => begun).toEqual([1, 2])
  expect(isRoom).toBe(false)
  ends.get(2)?.resolve()
  await room
  expect(begun).toEqual([1, 2, 3])
})

it('waits for what runs when it closes, and leaves what waits to the sweep', async () => {
  const { jobs, begun, ends } = heldJobs(1)
  jobs.begin([1, 2].map((number) => rowOf(number)))
  await expect.poll(() => begun).toEqual([1])
  const closing = jobs.close()
  ends.get(1)?.resolve()
  await closing
  expect(begun).toEqual([1])
})
