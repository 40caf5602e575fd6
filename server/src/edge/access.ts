import { type Operation, operationPriorities } from '@livelot/client/contracts'
import type { Actor } from '#kernel/actor'
import { Refusal } from '#kernel/errors'

/** The first gate of every way in. Refuses: auth.required, auth.forbidden. */
export function checkAccess(operation: Operation, actor: Actor): void {
  if (operation.access === 'anyone') return
  if (actor.kind === 'guest') throw new Refusal('auth.required')
  if (operation.access === 'signed-in') return
  if (!operation.access.some((role) => actor.roles.includes(role))) throw new Refusal('auth.forbidden')
}

/** A way in without a declaration of who may call it, or of what it gives way to when we are busy, must not start. */
export function assertDeclared(operation: Operation): void {
  const { access } = operation
  const isDeclared = access === 'anyone' || access === 'signed-in' || (Array.isArray(access) && access.length > 0)
  if (!isDeclared) throw new Error(`Operation ${operation.name} does not say who may call it`)
  if (!operation.http && !operation.socket) throw new Error(`Operation ${operation.name} has no way in`)
  if (!operationPriorities.has(operation.name)) throw new Error(`Operation ${operation.name} has no priority`)
}
