import { readFile } from 'node:fs/promises'
import { type TestCard, testCardByName, testCards } from './cards.ts'
import type { SandboxConfig } from './config.ts'
import type { Intent } from './objects.ts'
import type { RouteReply } from './server.ts'

export type HostedPages = {
  readonly card: (query: URLSearchParams) => RouteReply
  readonly challenge: (intent: Intent | undefined, query: URLSearchParams) => RouteReply
  readonly assets: readonly { readonly path: string; readonly reply: RouteReply }[]
}

const directory = new URL('./hosted/', import.meta.url)
const assetTypes = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' } as const

/**
 * The pages that a shop frames or opens, so that card numbers go straight to the provider. They run only their own script
 * and style, and only the allowed origins may frame them or hear from them.
 */
export async function createHostedPages(config: SandboxConfig): Promise<HostedPages> {
  const read = (name: string) => readFile(new URL(name, directory), 'utf8')
  const [cardPage, challengePage, messagePage] = await Promise.all([
    read('card.html'),
    read('challenge.html'),
    read('message.html'),
  ])
  const assets = await Promise.all([
    asset('hosted.css', 'css', read),
    asset('card.js', 'js', read),
    asset('challenge.js', 'js', read),
  ])
  const policy = contentSecurityPolicy(config.allowedOrigins)
  const page = (status: number, template: string, values: Record<string, string>): RouteReply => ({
    status,
    body: template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? ''),
    contentType: 'text/html; charset=utf-8',
    headers: { 'content-security-policy': policy, 'referrer-policy': 'no-referrer' },
  })
  const message = (status: number, theme: string, title: string, says: string) =>
    page(status, messagePage, { theme, title: escapeHtml(title), says: escapeHtml(says) })

  return {
    assets,
    card: (query) => {
      const targets = targetsOf(config, query)
      const theme = themeOf(query)
      if (!targets) return message(403, theme, 'Not available', 'This shop may not show the card form.')
      return page(200, cardPage, { theme, targets, quickFill, moreFill })
    },
    challenge: (intent, query) => {
      const targets = targetsOf(config, query)
      const theme = themeOf(query)
      if (!targets) return message(403, theme, 'Not available', 'This shop may not show the bank’s page.')
      if (!intent) return message(404, theme, 'Nothing to confirm', 'There is no such payment.')
      return page(200, challengePage, {
        theme,
        targets,
        intent: intent.id,
        waiting: intent.status === 'requires_action' ? 'yes' : 'no',
        amount: escapeHtml(formatAmount(intent)),
        card: escapeHtml(`${brandNames[intent.card.brand] ?? intent.card.brand} •••• ${intent.card.last4}`),
      })
    },
  }
}

async function asset(name: string, type: keyof typeof assetTypes, read: (name: string) => Promise<string>) {
  const reply: RouteReply = { status: 200, body: await read(name), contentType: assetTypes[type] }
  return { path: `/hosted/${name}`, reply }
}

const brandNames: Readonly<Record<string, string>> = { visa: 'Visa', mastercard: 'Mastercard', amex: 'Amex' }

function contentSecurityPolicy(allowedOrigins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${allowedOrigins.join(' ')}`,
  ].join('; ')
}

/** Whom the page tells its result: the origin asked for if it is allowed, or all allowed ones; null for a stranger. */
function targetsOf(config: SandboxConfig, query: URLSearchParams): string | null {
  const asked = query.get('origin')
  if (asked === null) return escapeHtml(config.allowedOrigins.join(' '))
  return config.allowedOrigins.includes(asked) ? escapeHtml(asked) : null
}

function themeOf(query: URLSearchParams): string {
  const asked = query.get('theme')
  return asked === 'light' || asked === 'dark' ? asked : 'system'
}

/** Shown at once; the other cards are folded away. */
const oftenUsed = ['visa', 'challenge', 'declined']
const quickFill = fillButtons(oftenUsed.map(testCardByName))
const moreFill = fillButtons(testCards.filter((card) => !oftenUsed.includes(card.name)))

function fillButtons(cards: readonly TestCard[]): string {
  return cards
    .map((card) => `<button type="button" class="chip" data-number="${card.number}">${escapeHtml(card.label)}</button>`)
    .join('\n')
}

function formatAmount(intent: Intent): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: intent.currency })
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(intent.amountMinor / 10 ** decimals)
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
