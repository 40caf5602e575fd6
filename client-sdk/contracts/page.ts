import { z } from 'zod'

/** Cursor pages: pass `cursor` back to go on; `nextCursor` is null at the end. */
export const PageRequest = {
  cursor: z.string().max(200).optional().meta({ description: 'The nextCursor of the page before.' }),
  limit: z.coerce.number().int().min(1).max(100).default(24),
}

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() })
