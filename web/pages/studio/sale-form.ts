import { flashSaleLimits, type Variant } from '@livelot/client/contracts'
import { formatUnits } from '../../parts/figures.ts'
import { formatMoney } from '../../parts/money.ts'
import type { SaleDraft } from './studio-model.ts'

export type SaleForm = {
  variantId: string
  price: string
  units: string
  perBuyer: string
  countdownSeconds: number
  runSeconds: number
  order: 'fastest' | 'line'
}

export const newSaleForm: SaleForm = {
  variantId: '',
  price: '',
  units: '20',
  perBuyer: '1',
  countdownSeconds: 30,
  runSeconds: 300,
  order: 'fastest',
}

export const orderChoices = [
  { value: 'fastest', label: 'Whoever taps first' },
  { value: 'line', label: 'Waiting room' },
] as const satisfies readonly { value: SaleForm['order']; label: string }[]

export const countdownPresets = [
  { value: 10, label: '10 s' },
  { value: 30, label: '30 s' },
  { value: 60, label: '1 min' },
  { value: 300, label: '5 min' },
] as const satisfies readonly { value: number; label: string }[]

export const runPresets = [
  { value: 60, label: '1 min' },
  { value: 180, label: '3 min' },
  { value: 300, label: '5 min' },
  { value: 600, label: '10 min' },
  { value: 1200, label: '20 min' },
] as const satisfies readonly { value: number; label: string }[]

type Checked = { ok: true; draft: SaleDraft } | { ok: false; problems: Partial<Record<keyof SaleForm, string>> }

/** "48", "48.5" and "48.50" are 4850 minor units; read by digits, because floats do not add up. */
export function parsePriceMinor(text: string): number | null {
  const match = /^\s*\$?\s*(\d{1,7})(?:[.,](\d{1,2}))?\s*$/.exec(text)
  if (!match) return null
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
}

function parseWhole(text: string, max: number): number | null {
  if (!/^\s*\d{1,6}\s*$/.test(text)) return null
  const value = Number(text)
  return value >= 1 && value <= max ? value : null
}

export function saleDraftOf(form: SaleForm, variant: Variant | undefined): Checked {
  const problems: Partial<Record<keyof SaleForm, string>> = {}
  const salePriceMinor = parsePriceMinor(form.price)
  const unitsMax = Math.min(flashSaleLimits.unitsMax, variant?.availableUnits ?? 0)
  const totalUnits = parseWhole(form.units, unitsMax)
  const perBuyerLimit = parseWhole(form.perBuyer, flashSaleLimits.perBuyerMax)
  if (salePriceMinor === null || salePriceMinor === 0) problems.price = 'A price, like 48.00.'
  else if (variant && salePriceMinor >= variant.price.amountMinor) problems.price = 'Below the usual price.'
  if (totalUnits === null) problems.units = unitsMax > 0 ? `1 to ${unitsMax}.` : 'None in stock.'
  if (perBuyerLimit === null) problems.perBuyer = `1 to ${flashSaleLimits.perBuyerMax}.`
  if (!variant || salePriceMinor === null || totalUnits === null || perBuyerLimit === null || problems.price)
    return { ok: false, problems }
  const { countdownSeconds, runSeconds, order } = form
  const waitingRoom = order === 'line'
  return {
    ok: true,
    draft: {
      variantId: variant.variantId,
      salePriceMinor,
      totalUnits,
      perBuyerLimit,
      countdownSeconds,
      runSeconds,
      waitingRoom,
    },
  }
}

/** What will happen when the button is pressed, in one sentence. */
export function saleSummary(form: SaleForm, variant: Variant | undefined): string {
  const checked = saleDraftOf(form, variant)
  if (!checked.ok || !variant) return 'Fill in the price to see what viewers get.'
  const { salePriceMinor, totalUnits, countdownSeconds, runSeconds } = checked.draft
  const price = formatMoney({ amountMinor: salePriceMinor, currency: variant.price.currency })
  const saved = Math.floor((1 - salePriceMinor / variant.price.amountMinor) * 100)
  return `Opens ${countdownSeconds} s after you press, runs ${runSeconds / 60} min: ${formatUnits(totalUnits)} at ${price}, ${saved}% off.`
}
