import { z } from 'zod'
import { Problem } from './errors.ts'

/** Sent in the Socket.IO handshake (`auth.protocol`); the server refuses majors that it does not speak. */
export const protocolVersion = 1

export const Handshake = z.strictObject({
  protocol: z.literal(protocolVersion),
  /** Access token; absent for guests. */
  token: z.string().max(2048).optional(),
})
export type Handshake = z.infer<typeof Handshake>

/** What every socket request is acknowledged with. */
export type Ack<T> = { ok: true; value: T } | { ok: false; problem: Problem }
export const ackOf = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('ok', [
    z.strictObject({ ok: z.literal(true), value }),
    z.strictObject({ ok: z.literal(false), problem: Problem }),
  ])
