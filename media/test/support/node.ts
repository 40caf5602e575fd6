import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type Logger, pino } from 'pino'
import { afterEach } from 'vitest'
import { type MediaLimits, type RunningMediaNode, readMediaConfig, startMediaNode } from '../../src/index.ts'

export const secret = 'a-secret-of-the-tests'
const undo: (() => Promise<void>)[] = []

/** Runs after the test, last registered first. */
export const afterTest = (step: () => Promise<void>): void => {
  undo.push(step)
}

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const isFree = async (port: number): Promise<boolean> => {
  const udp = createSocket('udp4')
  const tcp = createServer()
  try {
    udp.bind(port, '127.0.0.1')
    tcp.listen(port, '127.0.0.1')
    await Promise.all([once(udp, 'listening'), once(tcp, 'listening')])
    return true
  } catch {
    return false
  } finally {
    udp.close()
    tcp.close()
  }
}

/** A run of ports below those that the kernel gives to outgoing connections. */
export const freePorts = async (count: number): Promise<number> => {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const base = 21_000 + Math.floor(Math.random() * 11_000)
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(base + index)))
    if (free.every(Boolean)) return base
  }
  throw new Error('no free ports found')
}

export interface TestNode extends RunningMediaNode {
  readonly rtcBasePort: number
  readonly url: string
  /** Lines of level warn and above. */
  readonly complaints: { level: number; msg: string }[]
}

/** A media node on free ports, closed after the test. */
export const withMediaNode = async (
  options: { workers?: number; limits?: Partial<MediaLimits>; env?: Record<string, string> } = {},
): Promise<TestNode> => {
  if (!process.env.MEDIASOUP_WORKER_BIN) throw new Error('MEDIASOUP_WORKER_BIN must name a mediasoup worker')
  const workers = options.workers ?? 1
  const rtcBasePort = await freePorts(workers)
  const config = readMediaConfig({
    MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN,
    MEDIA_CONTROL_PORT: '0',
    MEDIA_CONTROL_SECRET: secret,
    MEDIA_RTC_BASE_PORT: String(rtcBasePort),
    MEDIA_WORKERS: String(workers),
    ...options.env,
  })
  const complaints: TestNode['complaints'] = []
  const running = await startMediaNode(config, collectingLog(complaints), options.limits)
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= running.close()
    return closed
  }
  afterTest(close)
  return { ...running, close, rtcBasePort, url: `ws://127.0.0.1:${running.controlPort}`, complaints }
}

const collectingLog = (complaints: TestNode['complaints']): Logger =>
  pino({ level: 'warn' }, { write: (line: string) => void complaints.push(JSON.parse(line)) })
