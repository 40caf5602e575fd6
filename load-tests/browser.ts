import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium } from 'playwright-core'
import { rolldown } from 'rolldown'

/** Where Debian puts it. */
const chromiumPath = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium'

export interface PageServer {
  /** A secure context: browsers make WebRTC certificates on localhost without TLS. */
  readonly origin: string
  close(): Promise<void>
}

/** Bundles one browser program with the SDK from its sources and serves it as a page of its own, on a free port or this one. */
export async function servePage(entry: string, port = 0): Promise<PageServer> {
  const build = await rolldown({
    input: entry,
    platform: 'browser',
    logLevel: 'silent',
    resolve: { conditionNames: ['source', 'browser', 'import', 'module', 'default'] },
  })
  const { output } = await build.generate({ format: 'iife', name: 'unused' })
  await build.close()
  const script = output[0].code
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? script : '<!doctype html><meta charset="utf-8"><body><script src="/page.js"></script>')
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--autoplay-policy=no-user-gesture-required',
      // Two pages play at once and only one of them can be in front.
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
    ],
  })
}
