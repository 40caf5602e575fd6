import type { Ack, Operation, RequestOf, ResponseOf } from '@livelot/client/contracts'
import { traced } from '#infra/telemetry/trace'
import type { Actor } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import type { Route } from '#kernel/route'
import { assertDeclared, checkAccess } from '../access.ts'
import { toProblem } from '../errors.ts'
import type { LoadLevel } from '../load.ts'
import { parseRequest } from '../parse-request.ts'
import { createSecurityLog } from '../security-log.ts'
import { refuseWhenBusy } from '../shedding.ts'
import { type Buckets, createBuckets } from '../token-bucket.ts'
import type { Connection } from './connection.ts'
import { faster } from './rate.ts'

/** A way in that needs the connection itself. It answers by `answer`, or by what it returns where it did not. */
export interface SocketRoute {
  readonly operation: Operation
  readonly handle: (request: unknown, connection: Connection, answer: (value: unknown) => void) => Promise<unknown>
}

export function socketRoute<O extends Operation>(
  operation: O,
  handle: (
    request: RequestOf<O>,
    connection: Connection,
    answer: (value: ResponseOf<O>) => void,
    // biome-ignore lint/suspicious/noConfusingVoidType: a handler that has called `answer` returns nothing
  ) => Promise<ResponseOf<O> | void>,
): SocketRoute {
  return {
    operation,
    handle: (request, connection, answer) =>
      handle(request as RequestOf<O>, connection, answer as (v: unknown) => void),
  }
}

/** A route that HTTP serves too knows nothing of connections, but which rooms they have joined. */
export function fromRoute({ operation, handle }: Route): SocketRoute {
  return {
    operation,
    handle: (request, { actor, ip, socket, places }) =>
      handle(request, { actor, ip, socketId: socket.id, isInRoom: (showId) => places.has(showId) }),
  }
}

export type Dispatch = (connection: Connection, event: unknown, args: unknown[], overLimitMs: number) => void

export interface DispatchOptions {
  readonly routes: readonly SocketRoute[]
  /** How many times faster than the operations declare everybody may ask. */
  readonly paceFactor?: number
  readonly loadLevel?: () => LoadLevel
  readonly log: Log
  readonly onAnswer: (operation: string, code: string, durationMs: number) => void
}

/**
 * Binds every operation that has a socket way in. Throws for one that does not say who may call it, or that is bound
 * twice. The function that comes out never throws and always answers, whatever was sent.
 */
export function createDispatch({
  routes,
  paceFactor = 1,
  loadLevel = () => 0,
  log,
  onAnswer,
}: DispatchOptions): Dispatch {
  const byName = new Map<string, SocketRoute>()
  const byAccount = new Map<string, Buckets>()
  const tellSecurity = createSecurityLog(log)
  for (const route of routes) {
    assertDeclared(route.operation)
    if (!route.operation.socket) continue
    if (byName.has(route.operation.name)) throw new Error(`Operation ${route.operation.name} is bound twice`)
    byName.set(route.operation.name, route)
    const { access, name, socket } = route.operation
    if (access !== 'anyone') byAccount.set(name, createBuckets(faster(socket.rate, paceFactor)))
  }

  // What only accounts may do is limited by account too: one person may hold many connections.
  const takeOfAccount = ({ name }: Operation, actor: Actor): number =>
    actor.kind === 'account' ? (byAccount.get(name)?.take(actor.accountId) ?? 0) : 0

  const serve = async (
    connection: Connection,
    event: unknown,
    args: readonly unknown[],
    overLimitMs: number,
    answer: (value: unknown) => void,
  ): Promise<unknown> => {
    if (overLimitMs > 0) throw new Refusal('request.rate_limited', { retryAfterMs: overLimitMs })
    const route = typeof event === 'string' ? byName.get(event) : undefined
    if (!route) throw new Refusal('request.unknown_event')
    const { operation } = route
    refuseWhenBusy(operation, loadLevel())
    const { actor } = connection
    const retryAfterMs = connection.takeRate(operation, paceFactor) || takeOfAccount(operation, actor)
    if (retryAfterMs > 0) throw new Refusal('request.rate_limited', { retryAfterMs })
    checkAccess(operation, actor)
    if (args.length > 1) throw new Refusal('request.invalid')
    return await route.handle(parseRequest(operation, args[0]), connection, answer)
  }

  return (connection, event, args, overLimitMs) => {
    const last = args.at(-1)
    const reply = typeof last === 'function' ? (last as (ack: Ack<unknown>) => void) : () => undefined
    const name = typeof event === 'string' && byName.has(event) ? event : 'unknown'
    const startedAt = performance.now()
    let isAnswered = false
    const send = (ack: Ack<unknown>) => {
      if (isAnswered) return
      isAnswered = true
      onAnswer(name, ack.ok ? 'ok' : ack.problem.code, performance.now() - startedAt)
      reply(ack)
    }
    const given = typeof last === 'function' ? args.slice(0, -1) : args
    const served = () =>
      serve(connection, event, given, overLimitMs, (value) => send({ ok: true, value }))
        .then((value) => send({ ok: true, value: value ?? {} }))
        .catch((error: unknown) => {
          const problem = toProblem(error, log, { operation: name })
          send({ ok: false, problem })
          return problem.code
        })
    void traced(
      `socket ${name}`,
      { kind: 'server', parent: null, attributes: { 'livelot.operation': name } },
      async (note) => {
        const code = (await served()) ?? 'ok'
        note({ 'livelot.code': code })
        const { actor } = connection
        tellSecurity({ operation: name, code, accountId: actor.kind === 'account' ? actor.accountId : null })
      },
    )
  }
}
