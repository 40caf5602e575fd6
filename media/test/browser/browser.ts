import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { rolldown } from 'rolldown'
import type { ControlMethod, ControlParams } from '../../control.ts'
import type { TestApi } from '../support/api.ts'
import { afterTest } from '../support/node.ts'
import type { Page } from './page.ts'

/** Where Debian puts it. */
const chromiumPath = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium'

const bundle = async (): Promise<string> => {
  const input = fileURLToPath(new URL('./page.ts', import.meta.url))
  const build = await rolldown({ input, platform: 'browser', logLevel: 'silent' })
  const { output } = await build.generate({ format: 'iife', name: 'unused' })
  await build.close()
  return output[0].code
}

/** Pages need a secure context for WebRTC certificates, which http://localhost is. */
const servePage = async (code: string): Promise<string> => {
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? code : '<!doctype html><meta charset="utf-8"><body><script src="/page.js"></script>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(async () => {
    server.closeAllConnections()
    server.close()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}

export interface Browsing {
  /** A page of its own, whose requests go to the node by way of the given API, on a line with this round trip. */
  open(api: TestApi, roundTripMs?: number): Promise<RemotePage>
}

export interface RemotePage {
  call<F extends keyof Page>(name: F, ...args: Parameters<Page[F]>): Promise<Awaited<ReturnType<Page[F]>>>
  close(): Promise<void>
}

export const startBrowser = async (): Promise<Browsing> => {
  const address = await servePage(await bundle())
  const browser: Browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
    ],
  })
  afterTest(async () => await browser.close())
  const open = async (api: TestApi, roundTripMs = 0): Promise<RemotePage> => {
    const page = await (await browser.newContext()).newPage()
    await page.exposeFunction('control', async (method: ControlMethod, params: ControlParams<ControlMethod>) => {
      await after(roundTripMs / 2)
      const result = await api.ask(method, params)
      await after(roundTripMs / 2)
      return result
    })
    await page.exposeFunction(
      'addedTo',
      async (peerId: string) => (await api.next('consumers-added', peerId)).consumers,
    )
    await page.goto(address)
    const call: RemotePage['call'] = async (name, ...args) =>
      (await page.evaluate(
        async ([fn, values]) => {
          const { media } = globalThis as unknown as { media: Record<string, (...all: unknown[]) => unknown> }
          return await media[fn as string]?.(...(values as unknown[]))
        },
        [name, args] as const,
      )) as never
    return { call, close: async () => await page.close() }
  }
  return { open }
}
