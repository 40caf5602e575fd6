import { allOperations } from '@livelot/client/contracts'
import fc from 'fast-check'
import type { Area } from './campaign.ts'
import { asJson, type Ground, knownFields, strangersThings, wrongProblem } from './ground.ts'
import { type Mutant, mutantsOf } from './mutants.ts'
import { openEntered } from './raw-socket.ts'

const messagesPerSocket = 15

const operations = [...allOperations.values()].filter((one) => one.socket && !one.name.startsWith('media:'))

export interface SocketCase {
  readonly caller: number
  readonly messages: readonly { readonly mutant: Mutant; readonly odd: number }[]
}

/** Other forms of a message; the first is the right one. */
const forms: readonly ((name: string, argument: string) => string)[] = [
  (name, argument) => `[${name},${argument}]`,
  (name, argument) => `[${name},${argument},${argument}]`,
  (name) => `[${name}]`,
  (name) => `[${name},null,null,null]`,
  (_name, argument) => `["no:such-event",${argument}]`,
  (_name, argument) => `["__proto__",${argument}]`,
  (_name, argument) => `["constructor",${argument}]`,
  (name, argument) => `[${name},${argument},{"ok":true}]`,
]

const socketCases: fc.Arbitrary<SocketCase> = fc.record({
  caller: fc.nat({ max: 66 }),
  messages: fc.array(
    fc.record({
      mutant: mutantsOf(operations, knownFields, strangersThings),
      odd: fc.oneof(
        { weight: 10, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.nat({ max: forms.length - 1 }) },
      ),
    }),
    { minLength: 1, maxLength: messagesPerSocket, size: 'max' },
  ),
})

/** Messages of one connection: each is answered, or ends only its own connection. */
export function socketArea(ground: Ground): Area<SocketCase> {
  return {
    name: 'sockets',
    cases: socketCases,
    inputsOf: ({ messages }) => messages.length,
    lanes: 8,
    judge: async ({ caller, messages }) => {
      const socket = await openEntered(ground, ground.callerOf(caller), `192.0.2.${caller}`)
      try {
        const answers = await Promise.all(
          messages.map((one, i) => socket.ask(i, packetOf(ground, one.mutant, forms[one.odd]))),
        )
        for (const [i, answer] of answers.entries()) {
          const wrong = wrongAck(answer)
          if (wrong) return `${messages[i]?.mutant.operation}: ${wrong}`
        }
        return null
      } finally {
        socket.close()
      }
    },
  }
}

/** What is wrong with an acknowledgement: none, a fault, or a refusal that is no problem document. */
export function wrongAck(answer: string | null): string | null {
  if (answer === null) return 'the connection ended before the answer'
  const ack = (asJson(answer) as [{ ok: boolean; problem?: { status?: number } }] | undefined)?.[0]
  if (ack?.ok === true) return null
  if (ack?.ok !== false) return `no answer of ours: ${answer.slice(0, 200)}`
  if ((ack.problem?.status ?? 500) >= 500) return `answered ${JSON.stringify(ack.problem).slice(0, 300)}`
  return wrongProblem(JSON.stringify(ack.problem))
}

/** What JSON cannot hold would be no packet at all; such is tried with raw frames. */
export function packetOf(ground: Ground, { operation, fields, text }: Mutant, form = forms[0]): string {
  const filled = ground.fill(text ?? JSON.stringify(fields))
  const argument = asJson(filled) === undefined ? JSON.stringify(filled) : filled
  return form?.(JSON.stringify(operation), argument.length > 12_000 ? '"cut"' : argument) ?? ''
}
