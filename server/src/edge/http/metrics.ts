import { Counter, Histogram, type Registry } from 'prom-client'

export interface HttpMetrics {
  observe(operation: string, status: number, durationMs: number): void
}

export function createHttpMetrics(registry: Registry): HttpMetrics {
  const duration = new Histogram({
    name: 'livelot_http_request_seconds',
    help: 'Time to answer, by operation.',
    labelNames: ['operation'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30],
    registers: [registry],
  })
  const answers = new Counter({
    name: 'livelot_http_answers_total',
    help: 'Answers, by operation and status class.',
    labelNames: ['operation', 'status'],
    registers: [registry],
  })
  return {
    observe: (operation, status, durationMs) => {
      duration.observe({ operation }, durationMs / 1_000)
      answers.inc({ operation, status: `${Math.floor(status / 100)}xx` })
    },
  }
}
