export {
  brokenOf,
  type Checked,
  type CheckOptions,
  checkInvariants,
  invariants,
  type Outcome,
  sentenceOf,
} from './checker.ts'
export {
  type AnswerLine,
  type ClientJournal,
  type HeardLine,
  IntentLine,
  JournalError,
  type JournalKind,
  type JournalLine,
  type LostLine,
  readClientJournals,
} from './client-journal.ts'
export type { Invariant } from './invariant.ts'
export { openProviderJournal, type ProviderJournal, type WitnessedIntent } from './provider-journal.ts'
export { exitCodeOf, jsonOf, tableOf } from './report.ts'
