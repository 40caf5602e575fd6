import { EpochMs } from '@livelot/client/contracts'
import { z } from 'zod'
import { Refusal } from '#kernel/errors'

/** The figure is a time or a number of people; any other is more than Postgres can compare with. */
const Place = z.tuple([EpochMs, z.uuid()])

/** Where a page ended: the sort figure and the id of its last item. */
export function cursorOf(figure: number, id: string): string {
  return Buffer.from(JSON.stringify([figure, id])).toString('base64url')
}

/** Refuses: request.invalid for a cursor that is not ours. */
export function readCursor(cursor: string | undefined): { figure: number; id: string } | null {
  if (cursor === undefined) return null
  try {
    const [figure, id] = Place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    return { figure, id }
  } catch {
    throw new Refusal('request.invalid', { issues: [{ path: 'cursor', problem: 'not a cursor of ours' }] })
  }
}
