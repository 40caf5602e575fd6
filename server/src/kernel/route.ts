import type { Operation, RequestOf, ResponseOf } from '@livelot/client/contracts'
import type { Caller } from './caller.ts'
import type { StreamedJson } from './streamed-json.ts'

/** A way in bound to a verb. The operation says whether it is reachable over HTTP, sockets or both. */
export interface Route {
  readonly operation: Operation
  readonly handle: (request: unknown, caller: Caller) => Promise<unknown>
}

/** Binds an operation to its verb; the edge has checked access and parsed the request before `handle` runs. */
export function route<O extends Operation>(
  operation: O,
  handle: (request: RequestOf<O>, caller: Caller) => Promise<ResponseOf<O> | StreamedJson>,
): Route {
  return { operation, handle: (request, caller) => handle(request as RequestOf<O>, caller) }
}
