import { type Currency, couponLimits, type createCoupon, type RequestInputOf } from '@livelot/client/contracts'
import { formatMoney } from '../parts/money.ts'

export type CouponForm = {
  code: string
  kind: 'percent' | 'amount'
  percent: string
  cap: string
  amount: string
  minimum: string
  redemptions: string
  validMinutes: number
  appliesToFlashSales: 'no' | 'yes'
}

export const newCouponForm: CouponForm = {
  code: '',
  kind: 'percent',
  percent: '10',
  cap: '',
  amount: '',
  minimum: '',
  redemptions: String(couponLimits.redemptionsDefault),
  validMinutes: couponLimits.validMinutesDefault,
  appliesToFlashSales: 'no',
}

export const kindPresets = [
  { value: 'percent', label: 'Percent' },
  { value: 'amount', label: 'Amount' },
] as const satisfies readonly { value: CouponForm['kind']; label: string }[]

export const validPresets = [
  { value: 15, label: '15 min' },
  { value: 60, label: '1 h' },
  { value: couponLimits.validMinutesDefault, label: '4 h' },
  { value: 1_440, label: '1 day' },
  { value: 10_080, label: '7 days' },
] as const satisfies readonly { value: number; label: string }[]

export const salesPresets = [
  { value: 'no', label: 'List prices only' },
  { value: 'yes', label: 'Flash sales too' },
] as const satisfies readonly { value: CouponForm['appliesToFlashSales']; label: string }[]

export type CouponDraft = Omit<RequestInputOf<typeof createCoupon>, 'showId' | 'operationId'>
export type CouponProblems = Partial<Record<keyof CouponForm, string>>

const whole = (text: string, max: number): number | null => {
  const value = /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : 0
  return value >= 1 && value <= max ? value : null
}

/** "5", "5.5" and "5.50" are 550 minor units where the currency has cents; read by digits, because floats do not add up. */
export function minorOf(text: string, currency: Currency): number | null {
  const digits = currency === 'JPY' ? 0 : 2
  const match = /^\s*(\d{1,5})(?:[.,](\d{1,2}))?\s*$/.exec(text)
  const fraction = match?.[2] ?? ''
  if (!match || fraction.length > digits) return null
  return Number(`${match[1]}${fraction.padEnd(digits, '0')}`) || null
}

/** What would be made, or what is missing for it. */
export function couponDraftOf(
  form: CouponForm,
  currency: Currency,
): { ok: true; draft: CouponDraft } | { ok: false; problems: CouponProblems } {
  const problems: CouponProblems = {}
  const code = form.code.trim().toUpperCase()
  const percent = whole(form.percent, couponLimits.percentMax)
  const capMinor = form.cap.trim() === '' ? null : minorOf(form.cap, currency)
  const amountMinor = minorOf(form.amount, currency)
  const minimumItemsMinor = form.minimum.trim() === '' ? 0 : minorOf(form.minimum, currency)
  const redemptionsMax = whole(form.redemptions, couponLimits.redemptionsMax)
  const example = formatMoney({ amountMinor: 500, currency })
  if (!/^[A-Z0-9]{4,15}$/.test(code)) problems.code = '4 to 15 letters and digits.'
  if (form.kind === 'percent' && percent === null) problems.percent = `1 to ${couponLimits.percentMax}.`
  if (form.kind === 'percent' && form.cap.trim() !== '' && capMinor === null) problems.cap = `A sum, like ${example}.`
  if (form.kind === 'amount' && amountMinor === null) problems.amount = `A sum, like ${example}.`
  if (minimumItemsMinor === null) problems.minimum = `A sum, like ${example}.`
  if (redemptionsMax === null) problems.redemptions = `1 to ${couponLimits.redemptionsMax.toLocaleString('en-US')}.`
  if (Object.keys(problems).length > 0 || minimumItemsMinor === null || redemptionsMax === null)
    return { ok: false, problems }
  const discount =
    form.kind === 'percent'
      ? { kind: form.kind, percent: percent ?? 1, capMinor }
      : { kind: form.kind, amountMinor: amountMinor ?? 1 }
  const { validMinutes } = form
  const appliesToFlashSales = form.appliesToFlashSales === 'yes'
  return {
    ok: true,
    draft: { code, discount, currency, minimumItemsMinor, appliesToFlashSales, redemptionsMax, validMinutes },
  }
}
