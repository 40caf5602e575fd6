import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from 'node:crypto'
import type { AuctionId, AuctionOutcome, getReceiptKeys, ReceiptPayload, ResponseOf } from '@livelot/client/contracts'
import { assertThat } from '#kernel/errors'

/** What the root of a closed auction is signed with. */
export interface RootPayload {
  readonly auctionId: AuctionId
  readonly root: string
  readonly entries: number
  readonly outcome: AuctionOutcome
  readonly paddle: number | null
  readonly priceMinor: number
  readonly closedAtMs: number
}

type PublicKey = ResponseOf<typeof getReceiptKeys>['keys'][number]

export interface Receipts {
  signReceipt(payload: ReceiptPayload): string
  signRoot(payload: RootPayload): string
  keys(): readonly PublicKey[]
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url')

/**
 * Signs what bidders and everybody else may hold against the platform later: compact JWS, EdDSA (RFC 7515, RFC 8037).
 * `secret`: any string that all processes share; the key is derived from it for this one use, so the same installation
 * has the same key for as long as the secret stays. Signing the same twice gives the same text. `before`: coordinates of
 * the public keys of earlier secrets, published beside the own one, so that what they signed stays checkable.
 */
export function createReceipts(secret: string, before: readonly string[] = []): Receipts {
  const key = keyFromSeed(Buffer.from(hkdfSync('sha256', secret, '', 'livelot auction receipts', 32)))
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  assertThat(x, 'an Ed25519 key has one coordinate')
  const kid = thumbprint(x)
  const headerOf = (typ: string) => base64url(JSON.stringify({ alg: 'EdDSA', kid, typ }))
  const compact = (header: string, payload: unknown): string => {
    const signed = `${header}.${base64url(JSON.stringify(payload))}`
    return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
  }
  const receiptHeader = headerOf('livelot-receipt+jws')
  const rootHeader = headerOf('livelot-root+jws')
  return {
    signReceipt: (payload) => compact(receiptHeader, payload),
    signRoot: (payload) => compact(rootHeader, payload),
    keys: () => [...new Set([x, ...before])].map(publicKeyOf),
  }
}

const publicKeyOf = (x: string): PublicKey => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x,
  kid: thumbprint(x),
  use: 'sig',
  alg: 'EdDSA',
})

/** Source: RFC 8410 section 7: what PKCS8 puts before the 32 bytes of an Ed25519 key. Read 2026-11-22. */
const pkcs8Before = Buffer.from('302e020100300506032b657004220420', 'hex')

function keyFromSeed(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Before, seed]), format: 'der', type: 'pkcs8' })
}

/** Source: RFC 7638: the required members in the order of their names, no spaces. Read 2026-11-22. */
function thumbprint(x: string): string {
  const members = JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x })
  return createHash('sha256').update(members).digest('base64url')
}
