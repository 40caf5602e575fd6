import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Platform, type PlatformOptions, startPlatform } from '../../embedded/supervisor.mjs'
import { findProgram } from '../../embedded/system-packages.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export type TestPlatform = Platform & AsyncDisposable

/**
 * The whole platform in processes of its own, on free ports, with an empty data folder that is removed afterwards.
 * Ends with `await using`, or with `stop` and the end of the test run.
 */
export async function testPlatform(
  options: Pick<PlatformOptions, 'apiProcesses' | 'workerProcesses' | 'wire' | 'env' | 'seed' | 'log'> & {
    /** The caller's data folder, which stays; one of its own is removed afterwards where absent. */
    readonly dataDir?: string
  } = {},
): Promise<TestPlatform> {
  const dataDir = options.dataDir ?? (await testPlatformFolder())
  const forget = async () => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
  }
  // Tests run many lots of one show beside each other, which no host would.
  const env = { LOTS_AT_ONCE_MAX: '50', ...options.env }
  const platform = await startPlatform({ ...options, env, root, dataDir }).catch(async (error: unknown) => {
    await forget()
    throw error
  })
  const stop = async () => {
    await platform.stop()
    await forget()
  }
  return { ...platform, stop, [Symbol.asyncDispose]: stop }
}

/** An empty data folder for a platform. */
export async function testPlatformFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'livelot-platform-'))
  // Started as root, Postgres runs as another user, who must be able to enter.
  await chmod(folder, 0o755)
  return folder
}

/** The browser of this machine, for playwright-core's `executablePath`. */
export async function chromiumPath(): Promise<string> {
  const found = process.env.CHROMIUM_BIN ?? (await findProgram(['chromium', 'chromium-browser', 'google-chrome']))
  if (!found) throw new Error('Chromium is not there: run `npm test` once, which installs it.')
  return found
}
