import { type Logger, pino } from 'pino'
import { traceId } from './trace.ts'

/** JSON lines on stdout. Secrets and personal data are cut by path here as a second line of defence. */
export function createLog(name: string, level: string): Logger {
  return pino({
    name,
    level,
    mixin: traceOfNow,
    redact: {
      paths: [
        'password',
        'token',
        'refreshToken',
        'accessToken',
        'email',
        'address',
        '*.password',
        '*.token',
        '*.email',
        '*.address',
        'req.headers',
        // Postgres repeats values of the row there.
        'err.detail',
        'err.where',
      ],
      censor: '[cut]',
    },
  })
}

/** A line that is written while a request or a job is served says which trace it belongs to. */
function traceOfNow(): { traceId?: string } {
  const id = traceId()
  return id === undefined ? {} : { traceId: id }
}
