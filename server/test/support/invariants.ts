import { setImmediate as nextTurn } from 'node:timers/promises'
import { testApiKey } from '../../sandbox/payments/testing/test-sandbox.ts'
import {
  brokenOf,
  type Checked,
  type CheckOptions,
  checkInvariants,
  openProviderJournal,
  sentenceOf,
  type WitnessedIntent,
} from '../../src/invariants/index.ts'

/** What a shop or a platform of a test is checked by. */
export interface Checkable {
  readonly databaseUrl: string
  readonly sandbox: { readonly url: string }
}

/** Rules that a shop in one process keeps, where nobody relays its outbox and auctions are written down by hand. */
const ofShop = new Set(['I1', 'I2', 'I5', 'I6', 'I7', 'I8', 'I9', 'I12', 'I13', 'I14', 'I16'])

export async function brokenSentences(options: CheckOptions): Promise<string[]> {
  const checked = await checkInvariants(options)
  const failed = checked.filter(({ outcome }) => outcome.state === 'unchecked' && !outcome.why.startsWith('not given'))
  return [...brokenOf(checked).map(sentenceOf), ...failed.map(whyUnchecked)]
}

const whyUnchecked = ({ id, rule, outcome }: Checked): string =>
  `${id} ${rule}: ${outcome.state === 'unchecked' ? outcome.why : ''}`

/** Everything about money, stock and orders of a shop at rest that is broken, as sentences; empty when all is well. */
export async function brokenRules({ databaseUrl, sandbox }: Checkable): Promise<string[]> {
  await nextTurn()
  return await brokenSentences({
    databaseUrl,
    sources: { provider: openProviderJournal({ url: sandbox.url, apiKey: testApiKey }) },
    isQuiet: true,
    select: ({ id, rule }) => ofShop.has(id) || rule.startsWith('a checkout is looked after'),
  })
}

/** What the provider has taken and given back, by its own journal: the truth about money outside our database. */
export const witnessedIntents = ({ sandbox }: Pick<Checkable, 'sandbox'>): Promise<WitnessedIntent[]> =>
  openProviderJournal({ url: sandbox.url, apiKey: testApiKey }).intents()
