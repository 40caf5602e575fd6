import { verifyReceipt } from '@livelot/client'
import type { AuctionId, BidId, ReceiptPayload } from '@livelot/client/contracts'
import { expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { createReceipts } from './receipts.ts'

const payload: ReceiptPayload = {
  iss: 'livelot',
  auctionId: newId<AuctionId>(),
  bidId: newId<BidId>(),
  paddle: 7,
  amountMinor: 2_000,
  kind: 'max',
  code: 'leading',
  reason: null,
  ledgerSeq: 4,
  link: 'a'.repeat(40),
  decidedAtMs: 1_790_000_000_000,
  timeLeftMs: 9_000,
  nextMinimumMinor: 2_100,
}

it('[AU35] keeps receipts of before checkable when the key is changed, each by the key that it names', async () => {
  const old = createReceipts('the secret of last year')
  const [oldKey] = old.keys()
  if (!oldKey) throw new Error('unreachable')
  const now = createReceipts('the secret of this year', [oldKey.x])
  expect(now.keys()).toHaveLength(2)
  expect(now.keys()[1]).toEqual(oldKey)
  for (const one of [old, now])
    expect(await verifyReceipt(one.signReceipt(payload), now.keys())).toMatchObject({
      ok: true,
      isSigned: true,
      payload,
    })
  const alone = createReceipts('the secret of this year')
  expect(await verifyReceipt(old.signReceipt(payload), alone.keys())).toMatchObject({ ok: false, isSigned: false })
  // A key that is listed twice is published once.
  expect(createReceipts('the secret of last year', [oldKey.x]).keys()).toEqual([oldKey])
})
