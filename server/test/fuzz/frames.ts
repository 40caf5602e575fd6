import fc from 'fast-check'
import type { Area } from './campaign.ts'
import type { Ground } from './ground.ts'
import { openRaw } from './raw-socket.ts'

const framesPerCase = 5

export interface FrameCase {
  readonly caller: number
  /** Whether the caller has entered before the frames, or tries to afterwards. */
  readonly isEntered: boolean
  /** Hexadecimal, with a mark for text frames. */
  readonly frames: readonly { readonly isText: boolean; readonly hex: string }[]
}

const hex = (text: string) => Buffer.from(text).toString('hex')

const texts = [
  '',
  '2',
  '3',
  '1',
  '5',
  '6',
  '0{"sid":"x"}',
  '40',
  '40{"protocol":99}',
  '40{"protocol":1,"token":5}',
  '40{"protocol":1,"token":"a.b.c","roles":["operator"]}',
  '40/admin,{"protocol":1}',
  '40/__proto__,',
  '41',
  '41/admin,',
  '42',
  '42[',
  '42{}',
  '42[]',
  '42[null]',
  '42["connect"]',
  '42["disconnect",{}]',
  '42["error",{}]',
  '42["newListener",{}]',
  '42["clock:sync",{}]',
  '429999999999999999999["clock:sync",{}]',
  '42-1["clock:sync",{}]',
  '4207["clock:sync",{}]',
  '42/admin,1["clock:sync",{}]',
  '42["chat:send",{"showId":1}]',
  '43',
  '431[]',
  '430[{"ok":true}]',
  '44{"message":"x"}',
  '45',
  '451-["clock:sync",{"_placeholder":true,"num":0}]',
  '451-["clock:sync",{"_placeholder":true,"num":-1}]',
  '451-["clock:sync",{"_placeholder":true,"num":"length"}]',
  '4599999999999-["x",{"_placeholder":true,"num":0}]',
  '45-["x"]',
  '461-1[{"_placeholder":true,"num":99}]',
  '47',
  '4x',
  'b4AAAA',
  'zz',
  '\u0000',
  '4'.repeat(2_000),
  `42[${'['.repeat(4_000)}`,
  `42["clock:sync",${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}]`,
  `42["${'x'.repeat(8_000)}"]`,
  `42["clock:sync","${'x'.repeat(20_000)}"]`,
  `4${'9'.repeat(300)}["x"]`,
]

const frame = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...texts).map((text) => ({ isText: true, hex: hex(text) })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('4', '40', '42', '43', '451-', '0', ''), fc.string({ unit: 'binary', maxLength: 40 }))
      .map(([start, rest]) => ({ isText: true, hex: hex(start + rest.toWellFormed()) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .uint8Array({ maxLength: 60 })
      .map((bytes) => ({ isText: false, hex: Buffer.from(bytes).toString('hex') })),
  },
  { weight: 1, arbitrary: fc.constant({ isText: false, hex: 'ff'.repeat(17_000) }) },
)

const frameCases: fc.Arbitrary<FrameCase> = fc.record({
  caller: fc.nat({ max: 66 }),
  isEntered: fc.boolean(),
  frames: fc.array(frame, { minLength: 1, maxLength: framesPerCase, size: 'max' }),
})

/** Frames that no client of ours sends: the connection goes on answering, or ends; nothing hangs and nobody else notices. */
export function frameArea(ground: Ground): Area<FrameCase> {
  return {
    name: 'frames',
    cases: frameCases,
    inputsOf: ({ frames }) => frames.length,
    lanes: 8,
    judge: async ({ caller, isEntered, frames }) => {
      const socket = await openRaw(ground, `192.0.2.${caller}`)
      const token = ground.callerOf(caller)
      try {
        if (isEntered && (await socket.enter(token)) !== 'entered') return 'was not let in'
        for (const one of frames) {
          const bytes = Buffer.from(one.hex, 'hex')
          socket.send(one.isText ? bytes.toString() : bytes)
        }
        if (!isEntered) {
          if (socket.told.some((text) => text.startsWith('43'))) return 'was answered before it had entered'
          if ((await socket.enter(token)) !== 'entered') return null
        }
        const answer = await socket.ask(777, '["clock:sync",{}]')
        // Text where an attachment was announced ends the connection; so does whatever comes next.
        if (answer === 'no answer') return 'neither answers nor ends'
        return null
      } finally {
        socket.close()
      }
    },
  }
}

/** More than anybody may send, at once: `times` asks for an answer each. Tells how many were served. */
export async function flood(
  ground: Ground,
  times: number,
): Promise<{ served: number; refused: number; ended: number }> {
  const socket = await openRaw(ground)
  await socket.enter(ground.callerOf(0))
  const asked = Array.from({ length: times }, (_, i) => socket.ask(i, '["clock:sync",{}]'))
  const answers = await Promise.all(asked)
  await socket.ended
  return {
    served: answers.filter((one) => one?.includes('"ok":true')).length,
    refused: answers.filter((one) => one?.includes('rate_limited')).length,
    ended: answers.filter((one) => one === null).length,
  }
}
