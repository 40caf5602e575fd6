/** The only file that reads process.env. */
export const readEnv = (): Readonly<Record<string, string | undefined>> => process.env
