import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Stage } from './stage.ts'

type Store = 'redis' | 'postgres'

/** A disk of its own below a store, or below one folder of it, for as long as a row needs it. */
export interface Disk extends AsyncDisposable {
  readonly folder: string
  /** Writes until there is no room for a byte more. */
  fill(): void
  /** Gives the room back that `fill` took. */
  empty(): void
}

export interface PoweredDisk extends AsyncDisposable {
  readonly folder: string
  /**
   * As when the plug is pulled: what has not reached the disk is gone. The store is stopped where it stands, its disk is
   * copied, and it starts anew on the copy. Answers when it was stopped.
   */
  cutPower(): Promise<number>
}

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' })

const said = (error: unknown) => String((error as { stderr?: unknown }).stderr || error).split('\n')[0]

/** Null where this machine lets us mount a disk in memory. */
export const probeMemoryDisks = async (): Promise<string | null> =>
  probeMount('tmpfs', (folder) => run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder))

/** Null where this machine lets us mount a file as a disk. */
export const probeImageDisks = async (): Promise<string | null> =>
  probeMount('a loop image', (folder) => {
    const image = `${folder}.img`
    try {
      makeImage(image, 16)
      run('mount', '-o', 'loop', image, folder)
    } finally {
      rmSync(image, { force: true })
    }
  })

function probeMount(what: string, mount: (folder: string) => void): string | null {
  if (process.getuid?.() !== 0) return `only root can mount ${what}`
  const folder = mkdtempSync(path.join(tmpdir(), 'livelot-mount-'))
  try {
    mount(folder)
    run('umount', folder)
    return null
  } catch (error) {
    return `this machine does not mount ${what}: ${said(error)}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function makeImage(file: string, mebibytes: number): void {
  run('truncate', '-s', `${mebibytes}M`, file)
  run('mkfs.ext4', '-q', '-F', '-m', '0', file)
}

const unmountMsMax = 10_000

/** Whoever was killed holds its files for a moment longer. */
async function unmount(folder: string): Promise<void> {
  const endsAt = performance.now() + unmountMsMax
  for (;;) {
    try {
      return void run('umount', folder)
    } catch (error) {
      if (performance.now() > endsAt) throw error
      await delay(50)
    }
  }
}

/** The store and the processes that it has begun: a postmaster has one for each connection. */
function pidsOf({ platform }: Stage, store: Store): number[] {
  const pid = platform.processes.get(store)?.pid
  if (pid === undefined) throw new Error(`${store} does not run`)
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return [pid, ...(children === '' ? [] : children.split(' ').map(Number))]
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** Stops a store in order, moves one folder of it on what `mount` puts there, and starts it. Answers the way back. */
async function moveOn(stage: Stage, store: Store, folder: string, mount: () => void): Promise<() => Promise<void>> {
  const { mode, uid, gid } = statSync(folder)
  const aside = `${folder}.aside`
  const copy = (from: string, to: string) => run('cp', '-a', `${from}/.`, to)
  const stop = () => stage.platform.kill(store, store === 'postgres' ? 'SIGINT' : 'SIGTERM')
  await stop()
  renameSync(folder, aside)
  mkdirSync(folder)
  mount()
  const letGo = () => void spawnSync('umount', ['-l', folder])
  // A run that is ended in the middle leaves no disk mounted.
  process.once('exit', letGo)
  copy(aside, folder)
  chownSync(folder, uid, gid)
  chmodSync(folder, mode)
  // What lay on a disk before lies on this one too, before anything is cut off.
  run('sync', '-f', folder)
  await stage.restart(store)
  return async () => {
    await stop()
    rmSync(aside, { recursive: true })
    mkdirSync(aside)
    copy(folder, aside)
    await unmount(folder)
    process.off('exit', letGo)
    rmSync(folder, { recursive: true })
    renameSync(aside, folder)
    chownSync(folder, uid, gid)
    chmodSync(folder, mode)
    await stage.restart(store)
  }
}

/** A disk that can be full: so many mebibytes in memory, below `part` of the store's folder. */
export async function putOnMemoryDisk(stage: Stage, store: Store, mebibytes: number, part = ''): Promise<Disk> {
  const folder = path.join(stage.folder, store, part)
  const ballast = path.join(folder, 'ballast')
  const back = await moveOn(stage, store, folder, () =>
    run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder),
  )
  const empty = () => rmSync(ballast, { force: true })
  return {
    folder,
    fill: () => fillWith(ballast),
    empty,
    [Symbol.asyncDispose]: async () => {
      empty()
      await back()
    },
  }
}

function fillWith(file: string): void {
  const handle = openSync(file, 'a')
  try {
    for (let bytes = 1024 * 1024; bytes >= 1; bytes = Math.floor(bytes / 2)) {
      const chunk = Buffer.alloc(bytes)
      try {
        while (writeSync(handle, chunk) === bytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(handle)
  }
}

const roundsMax = 5

/** A disk whose power can be cut: an image of ext4. */
export async function putOnImageDisk(stage: Stage, store: Store, mebibytes: number): Promise<PoweredDisk> {
  const folder = path.join(stage.folder, store)
  let image = `${folder}.img`
  let count = 0
  const mount = () => run('mount', '-o', 'loop', image, folder)
  makeImage(image, mebibytes)
  const back = await moveOn(stage, store, folder, mount)
  return {
    folder,
    cutPower: async () => {
      const pids = pidsOf(stage, store)
      for (const pid of pids) process.kill(pid, 'SIGSTOP')
      const stoppedAtMs = Date.now()
      count += 1
      const next = `${folder}.${count}.img`
      copyStill(image, next)
      await stage.kill(store)
      for (const pid of pids) endNow(pid)
      await unmount(folder)
      rmSync(image)
      image = next
      mount()
      await stage.restart(store)
      return stoppedAtMs
    },
    [Symbol.asyncDispose]: async () => {
      await back()
      rmSync(image, { force: true })
    },
  }
}

/** The kernel may write while we copy, which no disk without power does: such a copy is made again. */
function copyStill(from: string, to: string): void {
  for (let round = 1; round <= roundsMax; round += 1) {
    const before = statSync(from).mtimeMs
    run('cp', '--sparse=always', from, to)
    if (statSync(from).mtimeMs === before) return
  }
  throw new Error('the disk was written to while it was copied, each time')
}
