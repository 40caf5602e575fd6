import { Check, Gift, Trophy, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, IconButton } from '../parts/button.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { entryWords, winnerWords } from './giveaway-words.ts'
import type { PageGiveaway } from './use-giveaway.ts'
import './giveaway-row.css'

type GiveawayRowProps = {
  page: PageGiveaway
  /** Only a button that opens the rest. */
  small: boolean
  isTeam: boolean
  isGuest: boolean
  onSignIn: () => void
  onOpen: () => void
  onPutAway: () => void
}

export function GiveawayRow(props: GiveawayRowProps) {
  const { page, small, onOpen } = props
  const { giveaway, prize } = page
  if (small)
    return (
      <div className="gift gift-small">
        <IconButton label="The last giveaway" tone="glass" onClick={onOpen}>
          <Gift aria-hidden="true" />
        </IconButton>
      </div>
    )
  const won = prize !== null && prize.state !== 'expired'
  return (
    <article className="gift" data-state={won ? 'won' : giveaway.state} aria-label="Giveaway">
      <button type="button" className="gift-open" onClick={onOpen}>
        <span className="gift-mark">{won ? <Trophy aria-hidden="true" /> : <Gift aria-hidden="true" />}</span>
        <span className="gift-words">
          <strong className="gift-title">{won ? `You won: ${giveaway.title}` : giveaway.title}</strong>
          <span className="gift-line">
            <RowLine page={page} />
          </span>
        </span>
      </button>
      <RowAct {...props} />
    </article>
  )
}

function RowLine({ page }: { page: PageGiveaway }): ReactNode {
  const { giveaway, entryCount, problem, prize } = page
  if (problem !== null && giveaway.state === 'open') return <span className="gift-problem">{problem}</span>
  if (giveaway.state === 'open')
    return (
      <>
        <span className="figures">{entryWords(entryCount)}</span>
        <Countdown endsAtMs={giveaway.entriesCloseAtMs} label="Entries close in" labelHidden size="s" />
      </>
    )
  if (giveaway.state === 'closed') return `Drawing from ${entryWords(entryCount)}…`
  if (giveaway.state === 'void') return 'Void: nothing was drawn.'
  if (prize?.state === 'claimed') return 'Claimed. It is on its way to you.'
  if (prize?.state === 'waiting') return <Countdown endsAtMs={prize.claimBeforeMs} label="Time to claim" size="s" />
  return giveaway.winners.length === 0 ? 'Nobody entered.' : `Won by ${winnerWords(giveaway.winners)}`
}

function RowAct({ page, isTeam, isGuest, onSignIn, onOpen, onPutAway }: GiveawayRowProps): ReactNode {
  const { giveaway, entry, entering, enter, prize } = page
  if (prize?.state === 'waiting')
    return (
      <Button tone="buy" size="s" onClick={onOpen}>
        Claim it
      </Button>
    )
  if (giveaway.state === 'drawn' || giveaway.state === 'void')
    return (
      <IconButton label="Put the result away" onClick={onPutAway}>
        <X aria-hidden="true" />
      </IconButton>
    )
  if (entry)
    return (
      <span className="gift-in">
        <Check aria-hidden="true" />
        <span className="figures">No. {entry.entryNo}</span>
      </span>
    )
  if (giveaway.state === 'closed' || isTeam) return null
  if (isGuest)
    return (
      <Button size="s" onClick={onSignIn}>
        Sign in to enter
      </Button>
    )
  return (
    <Button size="s" busy={entering} onClick={enter}>
      Enter free
    </Button>
  )
}
