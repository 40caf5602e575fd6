import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type RunningMediaNode, readMediaConfig, startMediaNode } from '@livelot/media'
import type { ControlParams } from '@livelot/media/control'
import { pino } from 'pino'

export const testSecret = 'a-secret-of-the-tests'
export const quiet = pino({ level: 'silent' })

/** A real media node with one worker. Ports are drawn anew when one is taken. */
export const startTestNode = async (controlPort = 0, attempts = 5): Promise<RunningMediaNode> => {
  const config = readMediaConfig({
    MEDIA_CONTROL_PORT: String(controlPort),
    MEDIA_CONTROL_SECRET: testSecret,
    MEDIA_RTC_BASE_PORT: String(21_000 + Math.floor(Math.random() * 11_000)),
    MEDIA_WORKERS: '1',
  })
  try {
    return await startMediaNode(config, quiet)
  } catch (error) {
    if (attempts <= 1) throw error
    return await startTestNode(controlPort, attempts - 1)
  }
}

/** Stands between API and node, and can cut the line or hold what the node says. */
export class HeldLine {
  #target: number
  readonly #pairs = new Set<{ near: Socket; far: Socket }>()
  readonly #server = createServer((near) => this.#accept(near))
  #holding = false

  constructor(target: number) {
    this.#target = target
  }

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  #accept(near: Socket): void {
    const far = connect(this.#target, '127.0.0.1')
    const pair = { near, far }
    this.#pairs.add(pair)
    for (const socket of [near, far]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        near.destroy()
        far.destroy()
        this.#pairs.delete(pair)
      })
    }
    near.pipe(far)
    far.pipe(near)
    if (this.#holding) far.pause()
  }

  /** Nothing of what the node says comes through until `release`. */
  hold(): void {
    this.#holding = true
    for (const { near, far } of this.#pairs) far.unpipe(near)
  }
  release(): void {
    this.#holding = false
    for (const { near, far } of this.#pairs) far.pipe(near)
  }
  /** The next connections go to another node. */
  retarget(port: number): void {
    this.#target = port
  }
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.destroy()
      far.destroy()
    }
  }
  async close(): Promise<void> {
    this.cut()
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }
}

export const newShowId = (): ControlParams<'watch'>['showId'] => randomUUID() as ControlParams<'watch'>['showId']

export const opusCapabilities: ControlParams<'watch'>['rtpCapabilities'] = {
  codecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, preferredPayloadType: 111 }],
}

export const microphone = (): ControlParams<'produce'>['tracks'] => [
  {
    source: 'microphone',
    rtpParameters: {
      mid: '0',
      codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
      encodings: [{ ssrc: 1 + Math.floor(Math.random() * 1_000_000) }],
    },
  },
]
