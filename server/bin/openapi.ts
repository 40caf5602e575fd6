import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { allOperations, allToldEvents } from '@livelot/client/contracts'
import { buildEventCatalogue, buildOpenApi } from '#edge/http/openapi'

// Writes the derived contracts for other languages; with --check it only says whether they are stale.
const folder = new URL('../../client-sdk/contracts/generated/', import.meta.url)
const documents = {
  'openapi.json': buildOpenApi(allOperations.values(), '0.1.0'),
  'events.json': buildEventCatalogue(allOperations.values(), allToldEvents.values()),
}
await mkdir(folder, { recursive: true })
const stale: string[] = []
for (const [name, document] of Object.entries(documents)) {
  const text = `${JSON.stringify(document, null, 2)}\n`
  const file = new URL(name, folder)
  const before = await readFile(file, 'utf8').catch(() => '')
  if (before === text) continue
  stale.push(name)
  if (!process.argv.includes('--check')) await writeFile(file, text)
}
if (stale.length > 0)
  process.stdout.write(`${process.argv.includes('--check') ? 'stale' : 'written'}: ${stale.join(', ')}\n`)
if (stale.length > 0 && process.argv.includes('--check')) process.exit(1)
