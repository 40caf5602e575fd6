import type { Room } from '@livelot/client'
import type { Giveaway } from '@livelot/client/contracts'
import { useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { signInPath, useSession } from '../data/client.tsx'
import { useAnnounce } from '../parts/announcer.tsx'
import { useRemainingMs } from '../parts/clock.tsx'
import { GiveawayRow } from './giveaway-row.tsx'
import { GiveawaySheet } from './giveaway-sheet.tsx'
import { resultShownMs, spokenWords } from './giveaway-words.ts'
import { type PageGiveaway, useGiveaway } from './use-giveaway.ts'

type RoomGiveawayProps = { room: Room | null; giveaway: Giveaway | null; isTeam: boolean }

/** The giveaway of a room: a row to enter by, and a sheet with the prize, the result and its proof. */
export function RoomGiveaway({ room, giveaway, isTeam }: RoomGiveawayProps) {
  const page = useGiveaway(room, giveaway)
  if (page === null) return null
  return <Shown key={page.giveaway.giveawayId} page={page} isTeam={isTeam} />
}

function Shown({ page, isTeam }: { page: PageGiveaway; isTeam: boolean }) {
  const { account } = useSession()
  const navigate = useNavigate()
  const [open, setOpen] = useState(false)
  const [isPutAway, setPutAway] = useState(false)
  const { giveaway, prize } = page
  const endsAtMs = giveaway.drawnAtMs === null ? null : giveaway.drawnAtMs + resultShownMs
  const isOver = useRemainingMs(endsAtMs) === 0 && giveaway.state === 'drawn'
  useSpoken(page)
  const small = prize?.state !== 'waiting' && (isPutAway || isOver)
  return (
    <>
      <GiveawayRow
        page={page}
        small={small}
        isTeam={isTeam}
        isGuest={!account}
        onSignIn={() => navigate(signInPath(window.location.pathname))}
        onOpen={() => setOpen(true)}
        onPutAway={() => setPutAway(true)}
      />
      <GiveawaySheet page={page} open={open} onClose={() => setOpen(false)} />
    </>
  )
}

function useSpoken({ giveaway, prize }: PageGiveaway): void {
  const announce = useAnnounce()
  const words = spokenWords(giveaway, prize !== null && prize.state !== 'expired')
  // A result that was there before this person came is no news.
  const told = useRef(giveaway.state === 'drawn' || giveaway.state === 'void' ? words : '')
  useEffect(() => {
    if (words !== told.current) announce(words)
    told.current = words
  }, [words, announce])
}
