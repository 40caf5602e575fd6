import { generateKeyPairSync } from 'node:crypto'
import type { AccountId } from '@livelot/client/contracts'
import { afterEach, expect, it, vi } from 'vitest'
import { newId } from '#kernel/ids'
import { accessTokenLifeMs, createAccessTokens } from './tokens.ts'

afterEach(() => void vi.useRealTimers())

const privateKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
const account = {
  accountId: newId<AccountId>(),
  email: 'a@b.test',
  passwordHash: '',
  displayName: 'Ada',
  roles: ['buyer' as const],
  creatorId: null,
  brandIds: [],
  address: null,
  createdAtMs: 0,
}

it.each([
  ['an hour ahead', 3_600_000],
  ['ten minutes back', -600_000],
])('a clock that is set %s while the process runs ends no session and lengthens none', async (_what, jumpMs) => {
  const tokens = createAccessTokens(privateKey)
  const startMs = Date.now()
  const before = await tokens.issue(account, newId())
  vi.useFakeTimers({ toFake: ['Date'], now: startMs + jumpMs })
  const after = await tokens.issue(account, newId())
  for (const { token } of [before, after])
    expect(await tokens.read(token)).toMatchObject({ accountId: account.accountId })
  expect(Math.abs(after.expiresAtMs - startMs - accessTokenLifeMs)).toBeLessThan(5_000)
})
