import { LivelotError } from '@livelot/client'

/** What went wrong, for a person. The catalogue's own sentences are made for that; anything else is ours to explain. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof LivelotError)) return 'Something went wrong on this page. Please try again.'
  const incident = error.incidentId ? ` Reference ${error.incidentId}.` : ''
  return `${error.message}${incident}`
}
