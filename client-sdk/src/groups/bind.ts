import type { Operation, ResponseOf } from '../../contracts/index.ts'
import type { Caller } from '../wire/caller.ts'
import type { CallArguments, CallOptions, CallRequest } from '../wire/operations.ts'

/** One operation as a function: typed from its contract, everything else is the caller's work. */
export type Bound<O extends Operation> = (...args: CallArguments<O>) => Promise<ResponseOf<O>>

export const bind =
  <O extends Operation>(caller: Caller, operation: O): Bound<O> =>
  (...args) =>
    caller.call(operation, (args[0] ?? {}) as CallRequest<O>, args[1] as CallOptions | undefined)
