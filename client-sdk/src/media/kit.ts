import { Device, type types } from 'mediasoup-client'
import { type DtlsParameters, mediaCapabilities, type ResponseOf } from '../../contracts/index.ts'
import type { Client } from '../client.ts'
import { LivelotError } from '../errors.ts'

/** A certificate made ahead and its fingerprint: with it the first request already holds all that the server needs. */
export interface Identity {
  certificate: RTCCertificate
  dtlsParameters: DtlsParameters
}

/** What all video of one client shares; the server's capabilities are the same for every show. */
export interface Kit {
  device: Device
  /** Null in browsers that do not tell fingerprints beforehand: they join in two round trips. */
  identity: Identity | null
}

const CAPABILITIES_TIMEOUT_MS = 10_000

const kits = new WeakMap<Client, Promise<Kit>>()

/** Repeats: made once per client; a failure is forgotten, so that the next call tries again. */
export function kitOf(client: Client): Promise<Kit> {
  const known = kits.get(client)
  if (known) return known
  const made = makeKit(client)
  kits.set(client, made)
  made.catch(() => kits.delete(client))
  return made
}

async function makeKit(client: Client): Promise<Kit> {
  const [device, identity] = await Promise.all([loadDevice(client), makeIdentity()])
  return { device, identity }
}

async function loadDevice(client: Client): Promise<Device> {
  const [device, answer] = await Promise.all([
    Device.factory().catch((error: unknown) => {
      throw new LivelotError({ code: 'media.unsupported', cause: error })
    }),
    // By the socket, which every video session needs anyway.
    client.connection.send(mediaCapabilities, {}, { timeoutMs: CAPABILITIES_TIMEOUT_MS }),
  ])
  const { routerRtpCapabilities } = answer as ResponseOf<typeof mediaCapabilities>
  await device.load({ routerRtpCapabilities: routerRtpCapabilities as types.RtpCapabilities })
  return device
}

async function makeIdentity(): Promise<Identity | null> {
  if (typeof RTCPeerConnection.generateCertificate !== 'function') return null
  const certificate = await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as never)
  if (typeof certificate.getFingerprints !== 'function') return null
  const fingerprints = certificate.getFingerprints().flatMap(({ algorithm, value }) => {
    if (value === undefined) return []
    const known = (['sha-256', 'sha-384', 'sha-512'] as const).find((one) => one === algorithm)
    return known === undefined ? [] : [{ algorithm: known, value: value.toUpperCase() }]
  })
  return fingerprints.length === 0 ? null : { certificate, dtlsParameters: { role: 'client', fingerprints } }
}
