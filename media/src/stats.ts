import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ControlMethod, NodeStats } from '../control.ts'

/** Prometheus figures of one node. Gauges are read from the node when they are scraped. */
export class MediaMetrics {
  readonly registry = new Registry()
  readonly requests: Histogram<'method' | 'outcome'>

  constructor(read: () => Omit<NodeStats, 'dumped'>) {
    const registers = [this.registry]
    collectDefaultMetrics({ register: this.registry })
    this.requests = new Histogram({
      name: 'livelot_media_request_seconds',
      help: 'Time from a control request to its answer, by method and by error code or ok.',
      labelNames: ['method', 'outcome'],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
      registers,
    })
    new Counter({
      name: 'livelot_media_worker_deaths_total',
      help: 'Workers that ended without being asked to.',
      registers,
      collect() {
        this.reset()
        this.inc(read().workerDeaths)
      },
    })
    this.#gaugePerNode(read)
    this.#gaugePerWorker(read)
  }

  answered(method: ControlMethod | 'unknown', outcome: string, startedAtMs: number): void {
    this.requests.observe({ method, outcome }, (performance.now() - startedAtMs) / 1000)
  }

  #gaugePerNode(read: () => Omit<NodeStats, 'dumped'>): void {
    new Gauge({
      name: 'livelot_media_objects',
      help: 'What the node holds, by kind.',
      labelNames: ['kind'],
      registers: [this.registry],
      collect() {
        const { rooms, publishers, viewers, pipes, owners, registry } = read()
        for (const [kind, value] of Object.entries({ rooms, publishers, viewers, pipes, owners, ...registry })) {
          this.set({ kind }, value)
        }
      },
    })
  }

  #gaugePerWorker(read: () => Omit<NodeStats, 'dumped'>): void {
    new Gauge({
      name: 'livelot_media_worker_load',
      help: 'CPU percent, viewers and estimated packets a second of each worker.',
      labelNames: ['worker', 'figure'],
      registers: [this.registry],
      collect() {
        this.reset()
        for (const { index, cpuPercent, viewers, packetsPerSecond } of read().workers) {
          for (const [figure, value] of Object.entries({ cpuPercent, viewers, packetsPerSecond })) {
            this.set({ worker: String(index), figure }, value)
          }
        }
      },
    })
  }
}
