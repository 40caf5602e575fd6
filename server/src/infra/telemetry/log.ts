import { type DestinationStream, type Logger, pino } from 'pino'
import { traceId } from './trace.ts'

/** JSON lines on stdout. Secrets and personal data are cut by path here as a second line of defence. */
export function createLog(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
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
        'authorization',
        'cookie',
        'cardToken',
        '*.refreshToken',
        '*.accessToken',
        '*.authorization',
        '*.cookie',
        '*.cardToken',
        // Postgres repeats values of the row there, Redis' client those of the command.
        'err.detail',
        'err.where',
        'err.command.args',
        'err.cause.detail',
        'err.cause.where',
        'err.cause.command.args',
      ],
      censor: '[cut]',
    },
  }
  return destination ? pino(options, destination) : pino(options)
}

/** A line that is written while a request or a job is served says which trace it belongs to. */
function traceOfNow(): { traceId?: string } {
  const id = traceId()
  return id === undefined ? {} : { traceId: id }
}
