import { setTimeout as delay } from 'node:timers/promises'
import { newOperationId } from '@livelot/client'
import type { AuctionNight } from '../../support/auction-night.ts'
import { isDecided, openClientJournal } from '../../support/client-journal.ts'

const askAgainMs = 200

/** The demo's operator, who gives money back and keeps a journal of it. */
export async function openOperator(night: AuctionNight, journalFolder: string) {
  const client = await night.signIn('operator@demo.livelot')
  const file = openClientJournal(journalFolder, 'operator')
  const accountId = client.account.current?.accountId ?? ''
  const refund = async (orderId: string): Promise<void> => {
    const request = { orderId, reason: 'arrived broken', operationId: newOperationId() }
    file.intend({ id: request.operationId, accountId, what: 'refund', request })
    for (;;) {
      try {
        const { refundId, amount } = await client.orders.refund(request)
        return file.answered(request.operationId, { refundId, amount })
      } catch (error) {
        file.failed(request.operationId, error)
        if (isDecided(error)) throw error
        await delay(askAgainMs)
      }
    }
  }
  return { file: file.file, refund }
}
