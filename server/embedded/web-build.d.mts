/** Builds the pages into web/dist. Repeats: sources that did not change cost nothing. */
export function buildWeb(root: string, tell: (detail: string) => void): Promise<void>
