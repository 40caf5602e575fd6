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

type Message = SocketCase['messages'][number]

/** Messages of one connection, those that the contract refuses or the others: each is answered. */
export function socketArea(ground: Ground, which: 'refused' | 'well formed'): Area<SocketCase> {
  const chosen = ({ messages }: SocketCase) =>
    messages.filter((one) => isRefusedByContract(ground, one) === (which === 'refused'))
  return {
    name: 'sockets',
    cases: socketCases,
    inputsOf: (one) => chosen(one).length,
    lanes: 8,
    takes: (one) => chosen(one).length > 0,
    judge: async (one) => {
      const messages = chosen(one)
      const socket = await openEntered(ground, ground.callerOf(one.caller), `192.0.2.${one.caller}`)
      try {
        const asked = messages.map(({ mutant, odd }, i) => socket.ask(i, packetOf(ground, mutant, forms[odd])))
        for (const [i, answer] of (await Promise.all(asked)).entries()) {
          const name = messages[i]?.mutant.operation
          const wrong = wrongAck(answer)
          if (wrong) return `${name}: ${wrong}`
          if (which === 'refused' && answer?.includes('"ok":true')) return `${name}: took what its contract refuses`
        }
        return null
      } finally {
        socket.close()
      }
    },
  }
}

function isRefusedByContract(ground: Ground, { mutant, odd }: Message): boolean {
  if (odd > 0) return true
  const argument = asJson(ground.fill(mutant.text ?? JSON.stringify(mutant.fields)))
  return !allOperations.get(mutant.operation)?.request.safeParse(argument).success
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
