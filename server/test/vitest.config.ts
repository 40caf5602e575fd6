import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { mediaWorkerPath } from '../embedded/media-worker.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where each kind of test is found; a file belongs to exactly one kind. */
const files = {
  tidy: ['server/test/tidy*.test.ts'],
  media: ['media/test/**/*.test.ts'],
  service: ['**/*.service.test.ts', 'server/test/{races,faults,fuzz,scenarios}/**/*.test.ts'],
  browser: ['**/*.browser.test.ts', '**/*.browser.test.tsx'],
}
const never = ['**/node_modules/**', '**/dist/**', '.livelot/**']

/** The workspaces are tested from their sources: no build comes first. */
const resolve = { conditions: ['source'] }
const ssr = { resolve: { conditions: ['source'], externalConditions: ['source'] } }

/** What runs once before the tests is loaded by an environment of its own. */
const environments = { __vitest__: ssr }

/** The media worker that the set-up left for this user; mediasoup itself reads the variable. */
const env = { MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN ?? (await mediaWorkerPath(root)) }

/** What is awaited comes within milliseconds, but not on a machine that has a second platform to run. */
const patience = { poll: { timeout: 10_000 } }

const services = './server/test/support/services.global.ts'
const platform = './server/test/support/platform.global.ts'

export default defineConfig({
  root,
  resolve,
  ssr,
  environments,
  test: {
    // The machine has work to do beside the tests: real databases, a media worker, a browser.
    maxWorkers: 2,
    projects: [
      {
        root,
        resolve,
        ssr,
        environments,
        test: { name: 'tidy', include: files.tidy, exclude: never, sequence: { groupOrder: 0 } },
      },
      {
        root,
        resolve,
        ssr,
        environments,
        test: {
          name: 'unit',
          expect: patience,
          include: ['**/*.test.ts', '**/*.test.tsx'],
          exclude: [...never, ...Object.values(files).flat()],
          // Passwords are hashed for real, which takes its time on a busy machine.
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        root,
        resolve,
        ssr,
        environments,
        test: {
          name: 'service',
          expect: patience,
          include: files.service,
          exclude: [...never, ...files.media, ...files.browser],
          globalSetup: services,
          env,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        root,
        resolve,
        ssr,
        environments,
        test: {
          name: 'media',
          expect: patience,
          include: files.media,
          exclude: [...never, ...files.browser],
          env,
          // Frames are counted against the clock, which a second file beside it would disturb.
          fileParallelism: false,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        root,
        resolve,
        ssr,
        environments,
        test: {
          name: 'browser',
          expect: patience,
          include: files.browser,
          exclude: never,
          globalSetup: platform,
          env,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
