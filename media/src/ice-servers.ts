import { createHmac } from 'node:crypto'
import type { IceServer } from '@livelot/client/contracts'
import type { MediaConfig } from './config.ts'

/** A session that outlives its TURN credential keeps its allocation; only a new one needs a new credential. */
const credentialLifeSeconds = 3_600

/**
 * TURN credentials that end by themselves, as coturn's `use-auth-secret` checks them: HMAC-SHA1 over "expiry:name".
 * Source: draft-uberti-behave-turn-rest-00, read 2026-11-22.
 */
export const iceServersFor = (turn: MediaConfig['turn'], peerId: string, nowMs: number): IceServer[] => {
  if (turn === undefined) return []
  const username = `${Math.floor(nowMs / 1000) + credentialLifeSeconds}:${peerId}`
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64')
  return [{ urls: [...turn.urls], username, credential }]
}
