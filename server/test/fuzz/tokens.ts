import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { newId } from '#kernel/ids'
import type { Area } from './campaign.ts'
import { asJson, type Ground, wrongAnswer } from './ground.ts'
import { openRaw } from './raw-socket.ts'

/** A good access token with exactly one thing wrong, and where it is shown. */
export interface TokenCase {
  readonly flaw: string
  readonly noise: string
  readonly via: 'http' | 'socket'
}

type Claims = Record<string, unknown>
interface Parts {
  header: Claims
  claims: Claims
  signer: 'ours' | 'another key' | 'hs256 of the public key' | 'hs256 of nothing' | 'none' | 'stream key'
  spoil?: (token: string) => string
}
type Flaw = (parts: Parts, noise: string) => void

const nowSeconds = () => Math.floor(Date.now() / 1_000)
const header =
  (fields: Claims): Flaw =>
  ({ header }) =>
    void Object.assign(header, fields)
const claim =
  (fields: Claims): Flaw =>
  ({ claims }) =>
    void Object.assign(claims, fields)
const without =
  (name: string): Flaw =>
  ({ claims }) =>
    void delete claims[name]
const signer =
  (name: Parts['signer'], alg?: string): Flaw =>
  (parts) => {
    parts.signer = name
    if (alg) parts.header.alg = alg
  }
const spoil =
  (change: (token: string, noise: string) => string): Flaw =>
  (parts, noise) => {
    parts.spoil = (token) => change(token, noise)
  }

const flaws: Readonly<Record<string, Flaw>> = {
  'alg none': signer('none', 'none'),
  'alg None': signer('none', 'NoNe'),
  'alg none, signed': header({ alg: 'none' }),
  'alg HS256 with the public key': signer('hs256 of the public key', 'HS256'),
  'alg HS256 with nothing': signer('hs256 of nothing', 'HS256'),
  'alg RS256': header({ alg: 'RS256' }),
  'no alg': ({ header }) => void delete header.alg,
  'another key': signer('another key'),
  'key in the header': (parts) => {
    parts.signer = 'another key'
    parts.header.jwk = { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }
  },
  'kid path': (parts, noise) => {
    parts.signer = 'hs256 of nothing'
    Object.assign(parts.header, { alg: 'HS256', kid: `../../../../dev/null${noise}` })
  },
  jku: (parts) => {
    parts.signer = 'another key'
    parts.header.jku = 'http://evil.test/keys'
  },
  'critical extension': header({ crit: ['exp2'], exp2: 1 }),
  'not base64 payload': header({ b64: false, crit: ['b64'] }),
  'another type': header({ typ: 'JWT' }),
  'no type': ({ header }) => void delete header.typ,
  expired: ({ claims }) => void Object.assign(claims, { exp: nowSeconds() - 1 }),
  'expired long ago': claim({ exp: 1 }),
  'exp as text': ({ claims }) => void Object.assign(claims, { exp: String(nowSeconds() + 600) }),
  'exp too large': claim({ exp: 1e300 }),
  'not yet valid': ({ claims }) => void Object.assign(claims, { nbf: nowSeconds() + 3_600 }),
  'another audience': claim({ aud: 'livelot-stream' }),
  'no audience': without('aud'),
  'another issuer': claim({ iss: 'evil' }),
  'no issuer': without('iss'),
  'no subject': without('sub'),
  'no session': without('sid'),
  'no end': without('exp'),
  'no roles': without('roles'),
  'unknown role': claim({ roles: ['root'] }),
  'roles as text': claim({ roles: 'operator' }),
  'subject no id': (parts, noise) => void Object.assign(parts.claims, { sub: `' OR 1=1 --${noise}` }),
  'stream key': signer('stream key', 'HS256'),
  'roles added after signing': spoil((token) => {
    const [head, body = '', tail] = token.split('.')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
    return [head, encode({ ...claims, roles: ['operator'] }), tail].join('.')
  }),
  'no signature': spoil((token) => `${token.split('.').slice(0, 2).join('.')}.`),
  'two parts': spoil((token) => token.split('.').slice(0, 2).join('.')),
  'four parts': spoil((token) => `${token}.x`),
  'signature of zeros': spoil((token) => `${token.split('.').slice(0, 2).join('.')}.${'A'.repeat(86)}`),
  cut: spoil((token) => token.slice(0, -2)),
  doubled: spoil((token) => token + token),
  noise: spoil((_token, noise) => `x.${Buffer.from(noise).toString('base64url')}.y`),
  'noise in front': spoil((token, noise) => Buffer.from(noise).toString('base64url') + token),
}

const tokenCases: fc.Arbitrary<TokenCase> = fc.record({
  flaw: fc.constantFrom(...Object.keys(flaws)),
  noise: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  via: fc.constantFrom<TokenCase['via'][]>('http', 'http', 'http', 'socket'),
})

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Everything that a forger may know is at hand, and the right key too, so that only the flaw can be the reason. */
export function createForge(ground: Ground) {
  const privateKey = ground.platform.env.AUTH_PRIVATE_KEY ?? ''
  const ours = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  const publicPem = createPublicKey(ours).export({ format: 'pem', type: 'spki' })
  const another = generateKeyPairSync('ed25519').privateKey
  const streamKey = Buffer.from(hkdfSync('sha256', privateKey, '', 'livelot stream tokens', 32))
  const hs = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest('base64url')
  const seal: Record<Parts['signer'], (text: string) => string> = {
    ours: (text) => sign(null, Buffer.from(text), ours).toString('base64url'),
    'another key': (text) => sign(null, Buffer.from(text), another).toString('base64url'),
    'hs256 of the public key': (text) => hs(publicPem as string, text),
    'hs256 of nothing': (text) => hs('', text),
    'stream key': (text) => hs(streamKey, text),
    none: () => '',
  }
  const ada = ground.people.byEmail('ada@demo.livelot')
  const claimsOf = async () => {
    const { accountId } = await ada
    const own = { sub: accountId, sid: newId(), name: 'Ada', roles: ['buyer'], cre: null, brands: [] }
    return { ...own, iss: 'livelot', aud: 'livelot-api', iat: nowSeconds(), exp: nowSeconds() + 600 }
  }
  const make = ({ header, claims, signer, spoil }: Parts) => {
    const text = `${encode(header)}.${encode(claims)}`
    const token = `${text}.${seal[signer](text)}`
    return spoil ? spoil(token) : token
  }
  return {
    access: async (flaw: string | null, noise: string) => {
      const parts: Parts = { header: { alg: 'EdDSA', typ: 'at+jwt' }, claims: await claimsOf(), signer: 'ours' }
      if (flaw) flaws[flaw]?.(parts, noise)
      return make(parts)
    },
    stream: (claims: Claims, header: Claims = {}, signer: Parts['signer'] = 'stream key') =>
      make({ header: { alg: 'HS256', ...header }, claims, signer }),
  }
}

/** Tokens that are nearly good open nothing. */
export function tokenArea(ground: Ground): Area<TokenCase> {
  const forge = createForge(ground)
  let count = 0
  return {
    name: 'tokens',
    cases: tokenCases,
    lanes: 8,
    judge: async ({ flaw, noise, via }) => {
      const token = await forge.access(flaw, noise)
      count += 1
      const from = `198.18.${Math.floor(count / 200) % 250}.${count % 200}`
      if (via === 'socket') return await shownToSocket(ground, token, from, flaw)
      const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': from }
      const answer = await ground.send({ method: 'GET', path: '/v1/me', headers })
      if (answer.status !== 401) return `${flaw}: answered ${answer.status} ${answer.text.slice(0, 200)}`
      return wrongAnswer(answer)
    },
  }
}

async function shownToSocket(ground: Ground, token: string, from: string, flaw: string): Promise<string | null> {
  const socket = await openRaw(ground, from)
  try {
    const refusal = await socket.enter(token)
    const problem = (asJson(refusal.slice(2)) as { data?: { code?: string } } | undefined)?.data
    return /^(auth\.(required|token_expired)|request\.invalid)$/.test(problem?.code ?? '')
      ? null
      : `${flaw}: over a socket: ${refusal.slice(0, 200)}`
  } finally {
    socket.close()
  }
}
