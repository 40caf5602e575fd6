import { type GiveawayVerdict, isRefusal, type Room, verifyGiveaway } from '@livelot/client'
import type { Address, Giveaway, GiveawayEntry, WonPrize } from '@livelot/client/contracts'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useSession } from '../data/client.tsx'
import { sentenceOf } from '../data/sentences.ts'

/** What this page itself was told while the giveaway ran: an export that was made up later cannot agree with it. */
type Seen = { giveawayId: string; seedCommitment: string | null; entryListHash: string | null }

export type PageGiveaway = {
  giveaway: Giveaway
  entry: GiveawayEntry | null
  prize: WonPrize | null
  /** At least the caller's own entry, which may be answered before the room is told. */
  entryCount: number
  entering: boolean
  problem: string | null
  enter: () => void
  /** Answers what went wrong, or null. */
  claim: (address?: Address) => Promise<string | null>
  verify: () => Promise<GiveawayVerdict>
}

type Mine = { entry: GiveawayEntry | null; prize: WonPrize | null; entryCount: number }
const nothing: Mine = { entry: null, prize: null, entryCount: 0 }

/** The giveaway of a room as one person takes part in it. Null where the show has had none. */
export function useGiveaway(room: Room | null, giveaway: Giveaway | null): PageGiveaway | null {
  const { client, account } = useSession()
  const [mine, setMine] = useState<Mine>(nothing)
  const [entering, setEntering] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const seen = useSeen(giveaway)
  const giveawayId = giveaway?.giveawayId ?? null
  const isDrawn = giveaway?.state === 'drawn'
  const accountId = account?.accountId ?? null

  const load = useCallback(
    async (signal: AbortSignal) => {
      if (giveawayId === null || accountId === null) return
      const { entry, prize } = await client.giveaways.mine({ giveawayId }, { signal })
      // An entry that was made meanwhile is newer than this answer.
      setMine((before) => ({ ...before, entry: entry ?? before.entry, prize }))
    },
    [client, giveawayId, accountId],
  )

  // biome-ignore lint/correctness/useExhaustiveDependencies: another giveaway or person begins with nothing.
  useEffect(() => {
    setProblem(null)
    setMine(nothing)
  }, [giveawayId, accountId])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the draw may have given this person a prize.
  useEffect(() => whileShown(load), [load, isDrawn])

  useEffect(() => {
    if (!room) return
    const take = ({ prize }: { prize: WonPrize }) => {
      if (prize.giveawayId === giveawayId) setMine((before) => ({ ...before, prize }))
    }
    const names = ['giveaway:prize-won', 'giveaway:prize-expiring', 'giveaway:prize-expired'] as const
    const stops = names.map((name) => room.on(name, take))
    return () => {
      for (const stop of stops) stop()
    }
  }, [room, giveawayId])

  if (giveaway === null) return null

  const enter = async () => {
    if (entering) return
    setEntering(true)
    setProblem(null)
    try {
      const { entry, entryCount } = await client.giveaways.enter({ giveawayId: giveaway.giveawayId })
      setMine((before) => ({ ...before, entry, entryCount }))
    } catch (error) {
      setProblem(entryProblem(error))
    } finally {
      setEntering(false)
    }
  }
  const claim = async (address?: Address) => {
    try {
      const prize = await client.giveaways.claim({ giveawayId: giveaway.giveawayId, address })
      setMine((before) => ({ ...before, prize }))
      return null
    } catch (error) {
      return sentenceOf(error)
    }
  }
  const verify = async () => {
    const exported = await client.giveaways.export({ giveawayId: giveaway.giveawayId })
    const { entry } = mine
    const ownEntry = entry && accountId ? { ...entry, accountId } : null
    return verifyGiveaway(exported, { ...seen(), ownEntry })
  }
  return {
    giveaway,
    entry: mine.entry,
    prize: mine.prize,
    entryCount: Math.max(giveaway.entryCount, giveaway.state === 'open' ? mine.entryCount : 0),
    entering,
    problem,
    enter: () => void enter(),
    claim,
    verify,
  }
}

function entryProblem(error: unknown): string {
  if (!isRefusal(error, 'giveaway.not_eligible')) return sentenceOf(error)
  const reason = error.details?.reason
  return reason === 'team' ? 'Who runs the show cannot enter its giveaway.' : sentenceOf(error)
}

/** Runs it once; a failure leaves the page as it was, and the next event of the room brings another chance. */
function whileShown(load: (signal: AbortSignal) => Promise<void>): () => void {
  const controller = new AbortController()
  load(controller.signal).catch(() => undefined)
  return () => controller.abort()
}

/** Keeps the commitment from before the draw, and the hash of the list from before the seed was told. */
function useSeen(giveaway: Giveaway | null): () => Partial<Seen> {
  const kept = useRef<Seen | null>(null)
  useEffect(() => {
    if (giveaway === null || giveaway.state === 'drawn') return
    const { giveawayId, seedCommitment, entryListHash } = giveaway
    const before = kept.current?.giveawayId === giveawayId ? kept.current : null
    kept.current = {
      giveawayId,
      seedCommitment: before?.seedCommitment ?? seedCommitment,
      entryListHash: before?.entryListHash ?? entryListHash,
    }
  }, [giveaway])
  return () => (kept.current?.giveawayId === giveaway?.giveawayId ? (kept.current ?? {}) : {})
}
