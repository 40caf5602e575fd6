import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import path from 'node:path'

const fileName = 'payments.jsonl'
const readChunkBytes = 1 << 20
/** Far above the longest entry; a longer line is not one of ours. */
const lineBytesMax = 1 << 20

type Flush = { readonly promise: Promise<void>; resolve(): void; reject(cause: Error): void }

/**
 * An append-only file of one JSON document a line, numbered from 1 without a gap.
 *
 * `append` keeps the order and returns at once; `flushed` resolves when everything appended before is on the disk. All
 * lines that wait while the disk is busy go out with one write and one sync, so a hundred commands cost one.
 *
 * A line cut off at the end of the file was never acknowledged and is dropped when the file is opened. Any other damage
 * is refused. After a failed write nothing is known of the file, so the journal takes nothing any more.
 */
export class Journal {
  readonly #file: FileHandle
  /** Byte position of each entry's line, and as the last element the end of the file. */
  readonly #positions: number[]
  #flushedBytes: number
  #waiting: string[] = []
  #waitingFlush: Flush | null = null
  #runningFlush: Flush | null = null
  #failure: Error | null = null
  readonly #onFailure: (cause: Error) => void

  private constructor(file: FileHandle, positions: number[], onFailure: (cause: Error) => void) {
    this.#file = file
    this.#positions = positions
    this.#flushedBytes = positions.at(-1) ?? 0
    this.#onFailure = onFailure
  }

  /** Opens or creates the file and hands every entry to `replay`, in order. */
  static async open(
    directory: string,
    replay: (line: string, seq: number) => void,
    onFailure: (cause: Error) => void,
  ): Promise<Journal> {
    await mkdir(directory, { recursive: true })
    const file = await open(path.join(directory, fileName), constants.O_RDWR | constants.O_CREAT, 0o600)
    try {
      const positions = await replayLines(file, replay)
      await file.truncate(positions.at(-1))
      await file.sync()
      await syncDirectory(directory)
      return new Journal(file, positions, onFailure)
    } catch (cause) {
      await file.close()
      throw cause
    }
  }

  get isWritable(): boolean {
    return this.#failure === null
  }

  get nextSeq(): number {
    return this.#positions.length
  }

  /** Takes one line, without its line break. The caller has put `nextSeq` into it. */
  append(line: string): void {
    if (this.#failure) throw new Error('The journal takes no more entries', { cause: this.#failure })
    const end = this.#positions.at(-1) ?? 0
    this.#positions.push(end + Buffer.byteLength(line) + 1)
    this.#waiting.push(line)
    if (this.#waitingFlush) return
    this.#waitingFlush = newFlush()
    if (!this.#runningFlush) void this.#flushLoop()
  }

  /** Resolves when all that was appended so far is on the disk. */
  flushed(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    return (this.#waitingFlush ?? this.#runningFlush)?.promise ?? Promise.resolve()
  }

  /** Entries after the given number that are on the disk, as the text of their lines. */
  async read(afterSeq: number, limit: number): Promise<string[]> {
    const start = this.#positions[afterSeq]
    if (start === undefined || start >= this.#flushedBytes) return []
    const stop = this.#positions[Math.min(afterSeq + limit, this.#positions.length - 1)] ?? this.#flushedBytes
    const buffer = Buffer.alloc(Math.min(stop, this.#flushedBytes) - start)
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, start)
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
    // What follows the last line break is empty, or a line that was cut by a short read.
    lines.pop()
    return lines
  }

  async close(): Promise<void> {
    await this.flushed().catch(() => undefined)
    await this.#file.close()
  }

  async #flushLoop(): Promise<void> {
    // Lines of the same turn of the event loop belong together.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#waitingFlush) {
      const flush = this.#waitingFlush
      const bytes = Buffer.from(`${this.#waiting.join('\n')}\n`)
      this.#runningFlush = flush
      this.#waitingFlush = null
      this.#waiting = []
      try {
        await writeFully(this.#file, bytes, this.#flushedBytes)
        await this.#file.datasync()
      } catch (cause) {
        this.#fail(cause instanceof Error ? cause : new Error(String(cause)), flush)
        return
      }
      this.#flushedBytes += bytes.length
      this.#runningFlush = null
      flush.resolve()
    }
  }

  #fail(cause: Error, running: Flush): void {
    this.#failure = cause
    running.reject(cause)
    this.#waitingFlush?.reject(cause)
    this.#runningFlush = null
    this.#waitingFlush = null
    this.#onFailure(cause)
  }
}

function newFlush(): Flush {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // The failure is also told by onFailure, so a flush that nobody waits for is no unhandled rejection.
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const step = await file.write(bytes, written, bytes.length - written, position + written)
    written += step.bytesWritten
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Reads all whole lines; returns where each starts and, last, where the whole ones end. */
async function replayLines(file: FileHandle, replay: (line: string, seq: number) => void): Promise<number[]> {
  const positions = [0]
  const chunk = Buffer.alloc(readChunkBytes)
  let rest = Buffer.alloc(0)
  let readBytes = 0
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, readBytes)
    if (bytesRead === 0) break
    readBytes += bytesRead
    const text = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
    let start = 0
    for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10, start)) {
      replay(text.toString('utf8', start, end), positions.length)
      positions.push((positions.at(-1) ?? 0) + end - start + 1)
      start = end + 1
    }
    rest = Buffer.from(text.subarray(start))
    if (rest.length > lineBytesMax) throw new Error(`Line ${positions.length} of the payment journal has no end`)
  }
  return positions
}
