import type { RequestHandler } from 'express'
import { Counter, Histogram, type Registry } from 'prom-client'

export interface HttpMetrics {
  /** `code`: ok, or the code of the problem that was answered. */
  observe(operation: string, status: number, code: string, durationMs: number): void
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
    help: 'Answers, by operation, status class and the code of the problem, or ok.',
    labelNames: ['operation', 'status', 'code'],
    registers: [registry],
  })
  return {
    observe: (operation, status, code, durationMs) => {
      duration.observe({ operation }, durationMs / 1_000)
      answers.inc({ operation, status: `${Math.floor(status / 100)}xx`, code })
    },
  }
}

/** Counts what the payment provider tells us: taken, refused (a forged one has no right signature), or failed here. */
export function countWebhooks(registry: Registry): RequestHandler {
  const webhooks = new Counter({
    name: 'livelot_payment_webhooks_total',
    help: 'Webhooks of the payment provider, by what became of them.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  return (_request, response, next) => {
    response.once('finish', () => {
      const { statusCode } = response
      webhooks.inc({ outcome: statusCode < 300 ? 'taken' : statusCode < 500 ? 'refused' : 'failed' })
    })
    next()
  }
}
