import { isRefusal, newOperationId, type Room } from '@livelot/client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { sentenceOf } from './sentences.ts'

const PROBLEM_SHOWN_MS = 5_000

type ChatBox = {
  /** Whether the line stands; its text is kept in the box where it does not. */
  send: (text: string) => Promise<boolean>
  problem: string | null
  waitSeconds: number
}

/** Sending lines to a room: slow mode counts down, and the same line sent again stands once. */
export function useChat(room: Room | null): ChatBox {
  const [problem, setProblem] = useState<string | null>(null)
  const [waitUntilTick, setWaitUntilTick] = useState(0)
  const [waitSeconds, setWaitSeconds] = useState(0)
  const pending = useRef<{ text: string; operationId: string } | null>(null)

  useEffect(() => {
    if (problem === null) return
    const timer = setTimeout(() => setProblem(null), PROBLEM_SHOWN_MS)
    return () => clearTimeout(timer)
  }, [problem])

  useEffect(() => {
    const left = () => Math.max(0, Math.ceil((waitUntilTick - performance.now()) / 1000))
    setWaitSeconds(left())
    if (left() === 0) return
    const timer = setInterval(() => {
      setWaitSeconds(left())
      if (left() === 0) clearInterval(timer)
    }, 250)
    return () => clearInterval(timer)
  }, [waitUntilTick])

  const send = useCallback(
    async (text: string) => {
      if (!room) return false
      if (pending.current?.text !== text) pending.current = { text, operationId: newOperationId() }
      try {
        await room.chat(text, { operationId: pending.current.operationId })
        pending.current = null
        setProblem(null)
        return true
      } catch (error) {
        setProblem(sentenceOf(error))
        if (isRefusal(error, 'chat.slow_mode') && error.retryAfterMs) {
          setWaitUntilTick(performance.now() + error.retryAfterMs)
        }
        return false
      }
    },
    [room],
  )
  return { send, problem, waitSeconds }
}
