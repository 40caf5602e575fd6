import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@livelot/client'
import type { Show } from '@livelot/client/contracts'
import { type Platform, startPlatform } from '../../server/embedded/supervisor.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface DemoPlatform extends AsyncDisposable {
  readonly platform: Platform
  readonly baseUrl: string
  /** A client that is signed in as the demo's person of this name; of the first API process unless told otherwise. */
  as(displayName: string, apiUrl?: string): Promise<Client>
  credentialsOf(displayName: string): { email: string; password: string }
  /** The demo's open show, with a client of its creator. */
  liveShow(): Promise<{ show: Show; creator: Client }>
}

/** A whole platform with the demo's data, on free ports and a data folder of its own. */
export async function startDemoPlatform(
  options: { env?: Record<string, string>; apiProcesses?: number } = {},
): Promise<DemoPlatform> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'livelot-sdk-'))
  const platform = await startPlatform({ root, dataDir, seed: true, ...options })
  const baseUrl = platform.urls.http
  const clients: Client[] = []
  const credentialsOf = (displayName: string) => {
    const wanted = `${displayName.toLowerCase()}@`
    const found = platform.demo?.signIns.find(({ email }) => email.startsWith(wanted))
    if (!found) throw new Error(`The demo has nobody called ${displayName}.`)
    return { email: found.email, password: found.password }
  }
  const as = async (displayName: string, apiUrl = baseUrl) => {
    const client = createClient({ baseUrl: apiUrl, storage: 'memory' })
    clients.push(client)
    await client.account.signIn(credentialsOf(displayName))
    return client
  }
  return {
    platform,
    baseUrl,
    as,
    credentialsOf,
    liveShow: async () => {
      const guest = createClient({ baseUrl, storage: 'memory' })
      const [show] = (await guest.shows.list({ state: 'live' })).items
      if (!show) throw new Error('The demo has no open show.')
      return { show, creator: await as(show.creator.handle) }
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.close()
      await platform.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
