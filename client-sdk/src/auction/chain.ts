import { type LedgerEntry, type LedgerHead, ledgerHead, ledgerText } from '../../contracts/index.ts'
import type { LedgerProblem } from './replay.ts'

const utf8 = new TextEncoder()

async function digest(algorithm: 'SHA-1' | 'SHA-256', text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest(algorithm, utf8.encode(text)))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Digests that run at once: enough to keep the platform busy, without a promise for each entry of a long ledger. */
const BATCH = 500

/** Whether digests can be made here: browsers have them on https and localhost only. */
export const canDigest = (): boolean => typeof globalThis.crypto?.subtle?.digest === 'function'

/**
 * Recomputes both chains. Each step is checked against the value that stands before it, so that a change is named where
 * it is; all steps together are the whole chain from the head to the root.
 */
export async function checkChains(head: LedgerHead, entries: readonly LedgerEntry[]): Promise<LedgerProblem[]> {
  const problems: LedgerProblem[] = []
  const headText = ledgerHead(head)
  const start = { link: await digest('SHA-1', headText), hash: await digest('SHA-256', headText) }
  for (let from = 0; from < entries.length; from += BATCH) {
    const batch = entries.slice(from, from + BATCH)
    const found = await Promise.all(
      batch.map((entry, index) => checkEntry(head.auctionId, entry, entries[from + index - 1] ?? start)),
    )
    problems.push(...found.flat())
  }
  const last = entries.at(-1)
  if (last !== undefined && last.hash !== head.root) {
    problems.push({ seq: 0, field: 'root', problem: 'The root is not the hash of the last entry.' })
  }
  return problems
}

async function checkEntry(
  auctionId: string,
  entry: LedgerEntry,
  before: Pick<LedgerEntry, 'link' | 'hash'>,
): Promise<LedgerProblem[]> {
  const text = ledgerText(auctionId, entry)
  const [link, hash] = await Promise.all([
    digest('SHA-1', `${before.link}\n${text}`),
    digest('SHA-256', `${before.hash}\n${text}`),
  ])
  const problems: LedgerProblem[] = []
  const problem = 'The chain breaks here: this entry, or the one before, is not what was chained.'
  if (link !== entry.link) problems.push({ seq: entry.seq, field: 'link', problem })
  if (hash !== entry.hash) problems.push({ seq: entry.seq, field: 'hash', problem })
  return problems
}
