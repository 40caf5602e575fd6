import type { z } from 'zod'
import type { DataOf, ToldEvent } from '../../contracts/index.ts'
import { LivelotError } from '../errors.ts'

/**
 * Checks what came over the wire. Fields that this client does not know are dropped instead of refused, so that an older
 * client goes on working with a newer server; everything else must be as the contract says.
 */
export function readAnswer<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const first = schema.safeParse(value)
  if (first.success) return first.data
  // Strict schemas name the unknown fields; they are taken out of a copy and the rest is judged once more.
  if (first.error.issues.every((issue) => issue.code === 'unrecognized_keys')) {
    const copy: unknown = structuredClone(value)
    for (const issue of first.error.issues) {
      if (issue.code === 'unrecognized_keys') dropKeys(copy, issue.path, issue.keys)
    }
    const second = schema.safeParse(copy)
    if (second.success) return second.data
    throw new LivelotError({ code: 'client.protocol', cause: second.error })
  }
  throw new LivelotError({ code: 'client.protocol', cause: first.error })
}

/** For events, which nobody waits for: one that breaks its contract is as good as not told. */
export function readToldOrNull<E extends ToldEvent>(event: E, data: unknown): DataOf<E> | null {
  try {
    return readAnswer(event.data, data) as DataOf<E>
  } catch {
    return null
  }
}

function dropKeys(root: unknown, path: readonly PropertyKey[], keys: readonly string[]): void {
  let place = root as Record<PropertyKey, unknown>
  for (const step of path) place = place[step] as Record<PropertyKey, unknown>
  for (const key of keys) delete place[key]
}
