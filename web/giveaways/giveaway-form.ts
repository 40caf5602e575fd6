import { giveawayLimits, type openGiveaway, type RequestInputOf, type Variant } from '@livelot/client/contracts'

export type GiveawayForm = {
  title: string
  kind: 'variant' | 'text'
  variantId: string
  text: string
  winners: string
  entrySeconds: number
}

export const newGiveawayForm: GiveawayForm = {
  title: '',
  kind: 'variant',
  variantId: '',
  text: '',
  winners: '1',
  entrySeconds: giveawayLimits.entrySecondsDefault,
}

export const kindPresets = [
  { value: 'variant', label: 'From the shelf' },
  { value: 'text', label: 'Something else' },
] as const satisfies readonly { value: GiveawayForm['kind']; label: string }[]

export const entryPresets = [
  { value: 30, label: '30 s' },
  { value: 60, label: '1 min' },
  { value: 300, label: '5 min' },
  { value: 600, label: '10 min' },
  { value: 1800, label: '30 min' },
] as const satisfies readonly { value: number; label: string }[]

export type GiveawayDraft = Omit<RequestInputOf<typeof openGiveaway>, 'showId' | 'operationId'>
export type FormProblems = Partial<Record<keyof GiveawayForm, string>>

const fits = (text: string) => text.trim().length >= 3 && text.trim().length <= 80

/** What would be opened, or what is missing for it. */
export function giveawayDraftOf(
  form: GiveawayForm,
  variant: Variant | undefined,
): { ok: true; draft: GiveawayDraft } | { ok: false; problems: FormProblems } {
  const problems: FormProblems = {}
  const winnersMax = Math.min(
    giveawayLimits.winnersMax,
    form.kind === 'variant' ? (variant?.availableUnits ?? 0) : giveawayLimits.winnersMax,
  )
  const winnerCount = /^\s*\d{1,2}\s*$/.test(form.winners) ? Number(form.winners) : 0
  if (!fits(form.title)) problems.title = 'A title of 3 to 80 letters.'
  if (form.kind === 'text' && !fits(form.text)) problems.text = 'What can be won, in 3 to 80 letters.'
  if (winnerCount < 1 || winnerCount > winnersMax)
    problems.winners = winnersMax > 0 ? `1 to ${winnersMax}.` : 'None in stock.'
  if (form.kind === 'variant' && !variant) problems.variantId = 'Put a product on the shelf first.'
  if (Object.keys(problems).length > 0) return { ok: false, problems }
  const prize =
    form.kind === 'text'
      ? { kind: 'text' as const, text: form.text.trim() }
      : { kind: 'variant' as const, variantId: variant?.variantId ?? '' }
  return { ok: true, draft: { title: form.title.trim(), prize, winnerCount, entrySeconds: form.entrySeconds } }
}
