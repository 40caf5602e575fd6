import { type Logger, pino } from 'pino'

/** JSON lines on stdout. Secrets and personal data are cut by path here as a second line of defence. */
export function createLog(name: string, level: string): Logger {
  return pino({
    name,
    level,
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
