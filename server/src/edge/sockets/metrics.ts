import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { ConnectionCounters } from './connection.ts'

export interface SocketMetrics extends ConnectionCounters {
  answered(operation: string, code: string, durationMs: number): void
  refused(reason: string): void
}

/** `counts`: read when the figures are asked for. */
export function createSocketMetrics(
  registry: Registry,
  counts: {
    readonly sockets: () => number
    readonly rooms: { readonly count: number; readonly toldCount: number; readonly memberCounts: readonly number[] }
  },
): SocketMetrics {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect: function (this: Gauge) {
        this.set(read())
      },
    })
  gauge('livelot_sockets_open', 'Open sockets of this process', counts.sockets)
  const { rooms } = counts
  gauge('livelot_rooms_open', 'Rooms that this process serves', () => rooms.count)
  gauge('livelot_room_members', 'Connections in rooms', () => rooms.memberCounts.reduce((sum, one) => sum + one, 0))
  gauge('livelot_room_members_max', 'Connections in the fullest room', () => Math.max(0, ...rooms.memberCounts))
  new Counter({
    name: 'livelot_socket_deliveries_total',
    help: 'Packets handed to connections by rooms',
    registers,
    collect: function (this: Counter) {
      this.reset()
      this.inc(rooms.toldCount)
    },
  })
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers })
  const duration = new Histogram({
    name: 'livelot_socket_request_seconds',
    help: 'Time to answer a socket request, by operation',
    labelNames: ['operation'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const answers = counter('livelot_socket_answers_total', 'Answers to socket requests', ['operation', 'code'])
  const refusals = counter('livelot_socket_refusals_total', 'Connections refused', ['reason'])
  const cuts = counter('livelot_socket_cuts_total', 'Connections ended by us', ['reason'])
  const shed = counter('livelot_socket_shed_total', 'Packets left out for slow readers', [])
  return {
    answered: (operation, code, durationMs) => {
      answers.inc({ operation, code })
      duration.observe({ operation }, durationMs / 1_000)
    },
    refused: (reason) => refusals.inc({ reason }),
    cut: (reason) => cuts.inc({ reason }),
    shed: () => shed.inc(),
  }
}
