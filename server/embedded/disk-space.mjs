import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { SetupProblem } from './problems.mjs'

const megabyte = 1024 * 1024

/** Packages take 0.6 GB, the build of the media worker and Debian's packages as much again, measured on Debian 12. */
export const firstStartBytes = 1500 * megabyte
/** Below this, databases run into a full disk soon. */
export const laterStartBytes = 300 * megabyte

/** @param {number} bytes */
const sizeText = (bytes) =>
  bytes >= 1000 * megabyte ? `${(bytes / 1024 / megabyte).toFixed(1)} GB` : `${Math.floor(bytes / megabyte)} MB`

/**
 * Throws one sentence when the disk that holds the folder has less free than asked.
 * @param {string} folder It need not exist yet.
 * @param {number} bytesNeeded
 */
export async function requireDiskSpace(folder, bytesNeeded) {
  let existing = path.resolve(folder)
  while (!existsSync(existing)) existing = path.dirname(existing)
  const { bavail, bsize } = await statfs(existing)
  const free = bavail * bsize
  if (free >= bytesNeeded) return
  throw new SetupProblem(
    `The disk that holds ${existing} has ${sizeText(free)} free and ${sizeText(bytesNeeded)} are needed: make room on it, and start again.`,
  )
}
