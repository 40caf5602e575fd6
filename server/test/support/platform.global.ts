import { fileURLToPath } from 'node:url'
import { findMediaWorker } from '../../embedded/media-worker.mjs'
import { buildWeb } from '../../embedded/web-build.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** What the whole platform needs beside its services: the media worker, and the pages built from their sources. */
export default async function preparePlatform(): Promise<void> {
  if (!(await findMediaWorker(root))) {
    throw new Error('The media worker is not there yet: run `npm start` or `npm test` once, which brings it.')
  }
  await buildWeb(root, () => undefined)
}
