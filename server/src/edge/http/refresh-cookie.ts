import type { Request, Response } from 'express'

const name = 'livelot_refresh'
const path = '/v1/sessions'
const maxAgeMs = 30 * 24 * 60 * 60 * 1_000

/** The refresh token that a browser keeps where scripts cannot read it. */
export function readRefreshCookie(request: Request): string | undefined {
  const match = new RegExp(`(?:^|;\\s*)${name}=([\\w-]{20,200})(?:;|$)`).exec(request.headers.cookie ?? '')
  return match?.[1]
}

export function setRefreshCookie(response: Response, token: string, secure: boolean): void {
  response.cookie(name, token, { httpOnly: true, sameSite: 'lax', secure, path, maxAge: maxAgeMs })
}

export function clearRefreshCookie(response: Response, secure: boolean): void {
  response.clearCookie(name, { httpOnly: true, sameSite: 'lax', secure, path })
}
