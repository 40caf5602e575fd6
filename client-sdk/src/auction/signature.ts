import { getReceiptKeys } from '../../contracts/index.ts'

/** Public keys of a platform: the answer of `client.bidding.receiptKeys()`, or its list of keys. */
export type ReceiptKeys = { readonly keys: readonly unknown[] } | readonly unknown[]

export type SignatureState = 'valid' | 'wrong' | 'not checked'

export interface SignatureCheck {
  readonly state: SignatureState
  /** A sentence for a person; null where the signature is valid. */
  readonly note: string | null
}

interface Jws {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: unknown
  readonly signed: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

const Key = getReceiptKeys.response.shape.keys.element

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]*$/.test(base64url)) throw new TypeError('not base64url')
  const bytes = Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
  // Text that stands for the same bytes in another spelling would be another receipt for the same signature.
  if (spelled(bytes) !== base64url) throw new TypeError('not canonical base64url')
  return bytes
}

const spelled = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** Takes a compact JWS apart (RFC 7515 section 3.1); null where it is none. */
export function readJws(text: unknown): Jws | null {
  if (typeof text !== 'string' || text.length > 8_000) return null
  const [header, payload, signature, ...more] = text.split('.')
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) return null
  try {
    const decode = (part: string): unknown =>
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(part)))
    const read = decode(header)
    if (typeof read !== 'object' || read === null) return null
    return {
      header: read as Record<string, unknown>,
      payload: decode(payload),
      signed: new TextEncoder().encode(`${header}.${payload}`),
      signature: bytesOf(signature),
    }
  } catch {
    return null
  }
}

/** Never throws. Without keys, or where the platform has no Ed25519, the signature is not checked, and the note says so. */
export async function checkSignature(jws: Jws, typ: string, keys: ReceiptKeys | undefined): Promise<SignatureCheck> {
  const { header } = jws
  if (header.alg !== 'EdDSA' || header.typ !== typ) return wrong('The signature is of another kind.')
  if (jws.signature.length !== 64) return wrong('The signature is incomplete.')
  if (keys === undefined) return notChecked('no keys were given')
  const known = listOf(keys).flatMap((one) => {
    const read = Key.safeParse(one)
    return read.success && read.data.kid === header.kid ? [read.data] : []
  })
  const [key] = known
  if (key === undefined) return wrong('None of the given keys has made this signature.')
  const { kty, crv, x } = key
  let imported: CryptoKey
  try {
    imported = await crypto.subtle.importKey('jwk', { kty, crv, x }, { name: 'Ed25519' }, false, ['verify'])
  } catch {
    return notChecked('Ed25519 is not known here, or the key is none')
  }
  try {
    const isValid = await crypto.subtle.verify('Ed25519', imported, jws.signature, jws.signed)
    return isValid ? { state: 'valid', note: null } : wrong('The signature does not fit.')
  } catch {
    return notChecked('Ed25519 is not known here')
  }
}

function listOf(keys: ReceiptKeys): readonly unknown[] {
  const list: unknown = Array.isArray(keys) ? keys : (keys as { keys?: unknown } | null)?.keys
  return Array.isArray(list) ? list : []
}

const wrong = (note: string): SignatureCheck => ({ state: 'wrong', note })
const notChecked = (why: string): SignatureCheck => ({ state: 'not checked', note: `Signature not checked: ${why}.` })
