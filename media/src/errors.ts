import { errors } from 'mediasoup'
import type { ControlError, ControlErrorCode } from '../control.ts'

/** A "no" that the control contract promises. Everything else that is thrown is a fault and is told as `server.internal`. */
export class MediaRefusal extends Error {
  override readonly name = 'MediaRefusal'
  readonly code: ControlErrorCode
  readonly retryAfterMs: number | undefined
  constructor(code: ControlErrorCode, message: string, retryAfterMs?: number) {
    super(message)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

/** A worker that died under a request is replaced within a few hundred milliseconds. */
const workerRetryMs = 300

export const workerGone = (): MediaRefusal =>
  new MediaRefusal('media.unavailable', 'the media worker is gone', workerRetryMs)

/**
 * Runs a call into mediasoup whose arguments came from a client: what mediasoup cannot work with is the client's fault,
 * a closed worker or object is nobody's.
 */
export const withClientInput = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call()
  } catch (error) {
    if (error instanceof MediaRefusal) throw error
    if (error instanceof errors.WorkerClosedError || error instanceof errors.NotFoundError) throw workerGone()
    if (error instanceof errors.UnsupportedError) throw new MediaRefusal('media.unsupported', error.message)
    throw new MediaRefusal('request.invalid', error instanceof Error ? error.message : 'mediasoup refused the input')
  }
}

/** The answer for whatever was thrown; `undefined` means a fault, to be logged by the caller. */
export const refusalOf = (error: unknown): MediaRefusal | undefined => {
  if (error instanceof MediaRefusal) return error
  if (error instanceof errors.WorkerClosedError || error instanceof errors.NotFoundError) return workerGone()
  if (error instanceof errors.UnsupportedError) return new MediaRefusal('media.unsupported', error.message)
  return undefined
}

export const toControlError = (refusal: MediaRefusal): ControlError => ({
  code: refusal.code,
  message: refusal.message.slice(0, 2_000),
  ...(refusal.retryAfterMs === undefined ? {} : { retryAfterMs: Math.round(refusal.retryAfterMs) }),
})
