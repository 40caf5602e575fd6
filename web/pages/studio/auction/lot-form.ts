import {
  type AuctionTerms,
  auctionLimits,
  type Currency,
  type Lot,
  type ProductSummary,
  type Variant,
} from '@livelot/client/contracts'
import { amountText, parseAmountMinor } from '../../../bidding/amounts.ts'

export type DurationUnit = 's' | 'min' | 'h'

/** A lot as it stands in the boxes. Amounts are text until they are checked. */
export type LotForm = {
  title: string
  /** Chosen from the catalogue; null: made up on the spot. */
  product: ProductSummary | null
  variantId: string
  weightGrams: string
  currency: Currency
  copies: string
  price: string
  type: AuctionTerms['type']
  /** 0: the custom one. */
  durationSeconds: number
  customDuration: string
  customUnit: DurationUnit
  ending: 'soft' | 'sudden-death'
  extensionSeconds: number
  /** 0: no cap. */
  overtimeSecondsMax: number
  reserve: string
  isReserveShown: boolean
  buyNow: string
  preBidsAllowed: boolean
  bidStep: string
  floor: string
  drop: string
  dropSeconds: string
}

export type LotField =
  | 'title'
  | 'price'
  | 'variant'
  | 'weight'
  | 'copies'
  | 'duration'
  | 'overtime'
  | 'reserve'
  | 'buyNow'
  | 'bidStep'
  | 'floor'
  | 'drop'
  | 'dropSeconds'
export type LotProblems = Partial<Record<LotField, string>>

export type LotPrice = { startPriceMinor: number; terms: AuctionTerms }
export type Goods =
  | { kind: 'variant'; variantId: string }
  | { kind: 'ad-hoc'; title: string; currency: Currency; weightGrams: number }
export type LotDraft = LotPrice & { goods: Goods; copies: number }
type Checked<T> = { ok: true; draft: T } | { ok: false; problems: LotProblems }

export const COPIES_MAX = 20

export const newLotForm: LotForm = {
  title: '',
  product: null,
  variantId: '',
  weightGrams: '500',
  currency: 'USD',
  copies: '1',
  price: '',
  type: 'english',
  durationSeconds: 30,
  customDuration: '5',
  customUnit: 'min',
  ending: 'soft',
  extensionSeconds: 10,
  overtimeSecondsMax: 0,
  reserve: '',
  isReserveShown: true,
  buyNow: '',
  preBidsAllowed: false,
  bidStep: '',
  floor: '',
  drop: '',
  dropSeconds: '5',
}

/** After a lot was added: the same terms, because the next one is mostly like it. */
export function nextLotForm(form: LotForm): LotForm {
  const { title, product, variantId, price, copies, reserve, buyNow, floor } = newLotForm
  return { ...form, title, product, variantId, price, copies, reserve, buyNow, floor }
}

const unitSeconds: Record<DurationUnit, number> = { s: 1, min: 60, h: 3_600 }

function whole(text: string, min: number, max: number): number | null {
  if (!/^\s*\d{1,6}\s*$/.test(text)) return null
  const value = Number(text)
  return value >= min && value <= max ? value : null
}

/** Null where nothing was typed; otherwise what was typed, or undefined where it is no amount. */
function optionalAmount(text: string, currency: Currency): number | null | undefined {
  if (text.trim() === '') return null
  const amountMinor = parseAmountMinor(text, currency)
  return isPrice(amountMinor) ? amountMinor : undefined
}

const isPrice = (amountMinor: number | null): amountMinor is number =>
  amountMinor !== null && amountMinor >= 1 && amountMinor <= auctionLimits.priceMinorMax

export function durationOf(form: LotForm): number | null {
  if (form.durationSeconds > 0) return form.durationSeconds
  const amount = whole(form.customDuration, 1, 999_999)
  const seconds = amount === null ? null : amount * unitSeconds[form.customUnit]
  const { durationSecondsMin, durationSecondsMax } = auctionLimits
  return seconds !== null && seconds >= durationSecondsMin && seconds <= durationSecondsMax ? seconds : null
}

const amountSentence = 'An amount, like 48.00.'

function englishTermsOf(form: LotForm, currency: Currency, startPriceMinor: number | null): Checked<AuctionTerms> {
  const problems: LotProblems = {}
  const start = startPriceMinor ?? 0
  const durationSeconds = durationOf(form)
  const reserveMinor = optionalAmount(form.reserve, currency)
  const buyNowMinor = optionalAmount(form.buyNow, currency)
  const stepMinor = optionalAmount(form.bidStep, currency)
  if (durationSeconds === null) problems.duration = '10 seconds to 24 hours.'
  if (reserveMinor === undefined) problems.reserve = amountSentence
  else if (reserveMinor !== null && reserveMinor < start) problems.reserve = 'Not below the start price.'
  if (buyNowMinor === undefined) problems.buyNow = amountSentence
  else if (buyNowMinor !== null && buyNowMinor <= start) problems.buyNow = 'Above the start price.'
  else if (buyNowMinor !== null && buyNowMinor < (reserveMinor ?? 0)) problems.buyNow = 'Not below the reserve.'
  if (stepMinor === undefined) problems.bidStep = amountSentence
  const overtime = form.ending === 'soft' ? form.overtimeSecondsMax : 0
  if ((durationSeconds ?? 0) + overtime > auctionLimits.durationSecondsMax)
    problems.overtime = 'With its overtime, a lot lasts 24 hours at most.'
  if (Object.keys(problems).length > 0 || durationSeconds === null) return { ok: false, problems }
  const closing =
    form.ending === 'sudden-death'
      ? { kind: 'sudden-death' as const }
      : {
          kind: 'soft' as const,
          extensionSeconds: form.extensionSeconds as (typeof auctionLimits.extensionSeconds)[number],
          overtimeSecondsMax: form.overtimeSecondsMax || null,
        }
  return {
    ok: true,
    draft: {
      type: 'english',
      durationSeconds,
      closing,
      reserveMinor: reserveMinor ?? null,
      isReserveShown: form.isReserveShown,
      buyNowMinor: buyNowMinor ?? null,
      preBidsAllowed: form.preBidsAllowed,
      increments: stepMinor ? [{ fromMinor: 0, stepMinor }] : null,
    },
  }
}

function dutchTermsOf(form: LotForm, currency: Currency, startPriceMinor: number | null): Checked<AuctionTerms> {
  const problems: LotProblems = {}
  const floorMinor = parseAmountMinor(form.floor, currency)
  const stepMinor = parseAmountMinor(form.drop, currency)
  const stepSeconds = whole(form.dropSeconds, auctionLimits.dutchStepSecondsMin, auctionLimits.dutchStepSecondsMax)
  if (!isPrice(floorMinor)) problems.floor = amountSentence
  else if (startPriceMinor !== null && floorMinor >= startPriceMinor) problems.floor = 'Below the start price.'
  if (!isPrice(stepMinor)) problems.drop = amountSentence
  else if (
    startPriceMinor !== null &&
    isPrice(floorMinor) &&
    !problems.floor &&
    stepMinor > startPriceMinor - floorMinor
  )
    problems.drop = 'No more than start price less lowest price.'
  if (stepSeconds === null) problems.dropSeconds = '1 to 60.'
  if (Object.keys(problems).length > 0 || !isPrice(floorMinor) || !isPrice(stepMinor) || stepSeconds === null)
    return { ok: false, problems }
  return { ok: true, draft: { type: 'dutch', floorMinor, stepMinor, stepSeconds } }
}

/** Price and terms, which may change as long as the lot does not run. */
export function lotPriceOf(form: LotForm): Checked<LotPrice> {
  const currency = currencyOf(form)
  const parsed = parseAmountMinor(form.price, currency)
  const startPriceMinor = isPrice(parsed) ? parsed : null
  const terms = (form.type === 'english' ? englishTermsOf : dutchTermsOf)(form, currency, startPriceMinor)
  const priceProblem: LotProblems = startPriceMinor === null ? { price: amountSentence } : {}
  if (!terms.ok || startPriceMinor === null)
    return { ok: false, problems: { ...(terms.ok ? {} : terms.problems), ...priceProblem } }
  return { ok: true, draft: { startPriceMinor, terms: terms.draft } }
}

export function currencyOf(form: LotForm): Currency {
  return form.product?.fromPrice.currency ?? form.currency
}

/** The whole lot: what it is, and what `lotPriceOf` says. */
export function lotDraftOf(form: LotForm, variants: readonly Variant[]): Checked<LotDraft> {
  const problems: LotProblems = {}
  const price = lotPriceOf(form)
  const title = form.title.trim()
  const weightGrams = whole(form.weightGrams, 1, 30_000)
  const copies = whole(form.copies, 1, COPIES_MAX)
  const variant = variants.find((one) => one.variantId === form.variantId) ?? variants[0]
  if (form.product && !variant) problems.variant = 'The variants of this product are not known yet.'
  if (!form.product && (title.length < 2 || title.length > 80)) problems.title = '2 to 80 letters, or a product.'
  if (!form.product && weightGrams === null) problems.weight = '1 to 30,000 grams.'
  if (copies === null) problems.copies = `1 to ${COPIES_MAX}.`
  if (!price.ok || copies === null || weightGrams === null || Object.keys(problems).length > 0)
    return { ok: false, problems: { ...(price.ok ? {} : price.problems), ...problems } }
  const goods: Goods =
    form.product && variant
      ? { kind: 'variant', variantId: variant.variantId }
      : { kind: 'ad-hoc', title, currency: form.currency, weightGrams }
  return { ok: true, draft: { ...price.draft, goods, copies } }
}

/** The boxes for a lot that exists. A step table of more than one step has no box and is kept by `keptIncrements`. */
export function formOfLot(lot: Lot): LotForm {
  const { terms, startPrice } = lot
  const { currency } = startPrice
  const text = (amountMinor: number | null) => (amountMinor === null ? '' : amountText(amountMinor, currency))
  const known: LotForm = {
    ...newLotForm,
    title: lot.title,
    variantId: lot.variantId,
    currency,
    price: text(startPrice.amountMinor),
  }
  if (terms.type === 'dutch')
    return {
      ...known,
      type: 'dutch',
      floor: text(terms.floorMinor),
      drop: text(terms.stepMinor),
      dropSeconds: String(terms.stepSeconds),
    }
  const { closing, durationSeconds } = terms
  const isPreset = auctionLimits.durationPresetsSeconds.some((preset) => preset === durationSeconds)
  const unit: DurationUnit = durationSeconds % 3_600 === 0 ? 'h' : durationSeconds % 60 === 0 ? 'min' : 's'
  return {
    ...known,
    durationSeconds: isPreset ? durationSeconds : 0,
    ...(!isPreset && { customDuration: String(durationSeconds / unitSeconds[unit]), customUnit: unit }),
    ending: closing.kind,
    ...(closing.kind === 'soft' && {
      extensionSeconds: closing.extensionSeconds,
      overtimeSecondsMax: closing.overtimeSecondsMax ?? 0,
    }),
    reserve: text(terms.reserveMinor),
    isReserveShown: terms.isReserveShown,
    buyNow: text(terms.buyNowMinor),
    preBidsAllowed: terms.preBidsAllowed,
    bidStep: terms.increments?.length === 1 ? text(terms.increments[0]?.stepMinor ?? null) : '',
  }
}

/** A table of several steps stays, unless the host typed one step instead. */
export function keptIncrements(lot: Lot, terms: AuctionTerms): AuctionTerms {
  if (terms.type !== 'english' || lot.terms.type !== 'english' || terms.increments) return terms
  return (lot.terms.increments?.length ?? 0) > 1 ? { ...terms, increments: lot.terms.increments } : terms
}
