#!/usr/bin/env node
// @ts-check
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'

const usage = `Usage: livelot verify-auction <file> [--keys <file or address>] [--receipt <file>]

Checks the exported ledger of an auction: that nothing is missing, moved or changed, and that every price, the winner
and the end follow from the bids by the rules. Nothing is sent anywhere.

  <file>     the ledger as JSON, from GET /v1/auctions/{auctionId}/ledger; - reads standard input
  --keys     the platform's public keys, from GET /v1/receipt-keys, to check signatures too
  --receipt  receipts to hold against the ledger: one a line, or as JSON
  --help     this text

Ends with 0 when everything is valid, 1 when something is wrong, 2 when a file cannot be read.`

const KEYS_TIMEOUT_MS = 10_000

class Unreadable extends Error {}

/** @param {string} name */
async function read(name) {
  try {
    return name === '-' ? await text(process.stdin) : await readFile(name, 'utf8')
  } catch (error) {
    throw new Unreadable(`${name} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

/** @param {string} name */
async function readKeys(name) {
  if (!/^https?:\/\//.test(name)) return await read(name)
  try {
    const response = await fetch(name, { signal: AbortSignal.timeout(KEYS_TIMEOUT_MS) })
    if (!response.ok) throw new Error(`the answer is ${response.status}`)
    return await response.text()
  } catch (error) {
    throw new Unreadable(`${name} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

/** The published package holds what was compiled; the workspace runs its sources as they are. */
async function load() {
  const source = new URL('../src/command-line/verify-auction.ts', import.meta.url)
  const compiled = new URL('../dist/src/command-line/verify-auction.js', import.meta.url)
  return await import((existsSync(source) ? source : compiled).href)
}

function readArguments() {
  const options = /** @type {const} */ ({
    keys: { type: 'string' },
    receipt: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  })
  try {
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    throw new Unreadable(`${error instanceof Error ? error.message : error}\n\n${usage}`)
  }
}

async function run() {
  const { values, positionals } = readArguments()
  if (values.help) return { exitCode: 0, lines: [usage] }
  const [command, file, ...more] = positionals
  if (command !== 'verify-auction' || file === undefined || more.length > 0) throw new Unreadable(usage)
  const { verifyAuctionCommand } = await load()
  return await verifyAuctionCommand({
    ledger: await read(file),
    keys: values.keys === undefined ? null : await readKeys(values.keys),
    receipt: values.receipt === undefined ? null : await read(values.receipt),
  })
}

try {
  const { exitCode, lines } = await run()
  const out = exitCode === 2 ? process.stderr : process.stdout
  out.write(`${lines.join('\n')}\n`)
  process.exitCode = exitCode
} catch (error) {
  // Nothing was found out about the ledger: that must not look like a ledger with problems, which ends with 1.
  const isOurs = error instanceof Unreadable
  process.stderr.write(
    `${isOurs ? error.message : `The check failed: ${error instanceof Error ? error.stack : error}`}\n`,
  )
  process.exitCode = 2
}
