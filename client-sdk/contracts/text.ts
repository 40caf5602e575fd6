/**
 * Control characters, and the invisible ones that reorder, break or hide text. Joiners are not among them: scripts and
 * emoji need them.
 */
const hidden =
  '\\p{Cc}\\u00AD\\u061C\\u180E\\u200B\\u200E\\u200F\\u2028-\\u202E\\u2060-\\u2064\\u2066-\\u206F\\uFEFF\\uFFF9-\\uFFFB'

/** One line of text that others see beside their own. */
export const oneVisibleLine = new RegExp(`^[^${hidden}]*$`, 'u')
export const hiddenSentence = 'must not hold line breaks or invisible characters'
