import {
  type AuctionVerdict,
  type Client,
  type ReceiptRecord,
  receiptAgainstLedger,
  verifyAuction,
  verifyReceipt,
} from '@livelot/client'
import type { AuctionLedger } from '@livelot/client/contracts'
import { useCallback, useState } from 'react'
import { useSession } from '../data/client.tsx'
import { sentenceOf } from '../data/sentences.ts'

export type ReceiptCheck = { ok: boolean; words: string }

export type LedgerCheck =
  | { status: 'idle' }
  | { status: 'checking' }
  | { status: 'failed'; sentence: string }
  | { status: 'done'; verdict: AuctionVerdict; entries: number; receipts: ReadonlyMap<string, ReceiptCheck> }

/** Fetches the ledger of a closed auction and works it out again on this device; also to keep it as a file. */
export function useLedgerCheck(auctionId: string, records: readonly ReceiptRecord[]) {
  const { client } = useSession()
  const [check, setCheck] = useState<LedgerCheck>({ status: 'idle' })

  const run = useCallback(() => {
    setCheck({ status: 'checking' })
    checked(client, auctionId, records)
      .then(setCheck)
      .catch((error: unknown) => setCheck({ status: 'failed', sentence: sentenceOf(error) }))
  }, [client, auctionId, records])

  const download = useCallback(() => {
    client.bidding
      .ledger({ auctionId })
      .then((ledger) => saveFile(`auction-${auctionId}.json`, ledger))
      .catch((error: unknown) => setCheck({ status: 'failed', sentence: sentenceOf(error) }))
  }, [client, auctionId])

  return { check, run, download }
}

async function checked(client: Client, auctionId: string, records: readonly ReceiptRecord[]): Promise<LedgerCheck> {
  const [ledger, keys] = await Promise.all([client.bidding.ledger({ auctionId }), client.bidding.receiptKeys({})])
  const verdict = await verifyAuction(ledger, { keys })
  const receipts = await Promise.all(
    records.map(async (record) => [record.bidId, await checkedReceipt(record, ledger, keys)] as const),
  )
  return { status: 'done', verdict, entries: ledger.entries.length, receipts: new Map(receipts) }
}

type Keys = Awaited<ReturnType<Client['bidding']['receiptKeys']>>

async function checkedReceipt({ receipt }: ReceiptRecord, ledger: AuctionLedger, keys: Keys): Promise<ReceiptCheck> {
  const signed = await verifyReceipt(receipt, keys)
  if (!signed.ok) return { ok: false, words: signed.problems[0]?.problem ?? 'The signature is wrong.' }
  const match = receiptAgainstLedger(receipt, ledger)
  if (!match.ok) return { ok: false, words: match.problems[0]?.problem ?? 'It does not agree with the ledger.' }
  if (!signed.isSigned) return { ok: true, words: 'Agrees with the ledger; this browser cannot check signatures.' }
  return { ok: true, words: 'Signed by the platform, and agrees with the ledger.' }
}

/** The same bytes that the command line checks. */
function saveFile(name: string, ledger: AuctionLedger): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(ledger, null, 2)}\n`], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
