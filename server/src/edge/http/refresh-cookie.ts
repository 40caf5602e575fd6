import type { Request, Response } from 'express'

const plainName = 'livelot_refresh'
/** Browsers take a name with this prefix only over https, from this very host and for all of it. */
const secureName = `__Host-${plainName}`
const maxAgeMs = 30 * 24 * 60 * 60 * 1_000

const form = new RegExp(`(?:^|;\\s*)(?:__Host-)?${plainName}=([\\w-]{20,200})(?:;|$)`)

/** The refresh token that a browser keeps where scripts cannot read it. */
export function readRefreshCookie(request: Request): string | undefined {
  return form.exec(request.headers.cookie ?? '')?.[1]
}

export function setRefreshCookie(response: Response, token: string, secure: boolean): void {
  response.cookie(nameOf(secure), token, { ...settingsOf(secure), maxAge: maxAgeMs })
}

export function clearRefreshCookie(response: Response, secure: boolean): void {
  response.clearCookie(nameOf(secure), settingsOf(secure))
}

const nameOf = (secure: boolean): string => (secure ? secureName : plainName)

const settingsOf = (secure: boolean) => ({
  httpOnly: true,
  sameSite: 'lax' as const,
  secure,
  path: secure ? '/' : '/v1/sessions',
})
