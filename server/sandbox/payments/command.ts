import { hash } from 'node:crypto'
import type { Bank, Step } from './bank.ts'
import type { AnswerFault } from './cards.ts'
import type { SandboxConfig } from './config.ts'
import { Problem, problemDocument } from './problems.ts'

/** What operations work with. `publicUrl` is the origin at which browsers reach the hosted pages. */
export type Desk = { readonly bank: Bank; readonly config: SandboxConfig; readonly publicUrl: () => string }

export type Reply = {
  readonly status: number
  readonly body: string
  /** The answer waits until then. */
  readonly notBeforeMs?: number
  /** The caller is never answered, though the command was carried out. */
  readonly silent?: boolean
  readonly replayed?: boolean
}

/** Commits the one step of a command together with its answer. */
export type CommitCommand = (step: Omit<Step, 'answer' | 'answerNotBeforeMs'>, fault?: AnswerFault) => Reply

const answerTtlMs = 24 * 3_600_000

/**
 * Runs a command at most once per key. The same key again, at the same time too, gets the stored status and body of the
 * first run, an error included; with another content it is refused. Deciding and storing happen in one turn of the event
 * loop, so two runs can never overlap. The caller of this function waits for `bank.durable()` before it answers.
 */
export function runCommand(
  desk: Desk,
  request: { readonly key: string; readonly scope: string; readonly input: unknown },
  execute: (commit: CommitCommand, now: Date) => Reply,
): Reply {
  const { bank, config } = desk
  const fingerprint = hash('sha256', `${request.scope}\n${JSON.stringify(request.input)}`, 'base64url')
  const now = new Date()
  const stored = bank.answers.get(request.key)
  if (stored && stored.atMs < now.getTime() - answerTtlMs) bank.answers.delete(request.key)
  else if (stored) {
    if (stored.fingerprint !== fingerprint) throw new Problem('idempotency_key_reused')
    return { status: stored.status, body: stored.body, notBeforeMs: stored.notBeforeMs, replayed: true }
  }

  const answerOf = (status: number, problem?: unknown) => ({ key: request.key, fingerprint, status, problem })
  const commit: CommitCommand = (step, fault) => {
    const notBeforeMs = fault === 'slow' ? now.getTime() + config.slowMs : 0
    if (fault === 'server-error') {
      const problem = problemDocument('internal')
      bank.commit({ ...step, answer: answerOf(500, problem) })
      return { status: 500, body: JSON.stringify(problem) }
    }
    const body = bank.commit({ ...step, answer: answerOf(200), answerNotBeforeMs: notBeforeMs })
    return { status: 200, body, notBeforeMs, silent: fault === 'no-answer' }
  }
  try {
    return execute(commit, now)
  } catch (refusal) {
    if (!(refusal instanceof Problem)) throw refusal
    const { document } = refusal
    bank.commit({ kind: 'request.refused', at: now.toISOString(), answer: answerOf(document.status, document) })
    return { status: document.status, body: JSON.stringify(document) }
  }
}
