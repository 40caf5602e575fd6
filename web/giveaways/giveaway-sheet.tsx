import { Trophy } from 'lucide-react'
import { Countdown } from '../parts/countdown.tsx'
import { Picture } from '../parts/picture.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { DrawProof } from './draw-proof.tsx'
import { entryWords, prizeWords, voidWords } from './giveaway-words.ts'
import { PrizeClaim } from './prize-claim.tsx'
import type { PageGiveaway } from './use-giveaway.ts'
import './giveaway-sheet.css'

type GiveawaySheetProps = { page: PageGiveaway; open: boolean; onClose: () => void }

export function GiveawaySheet({ page, open, onClose }: GiveawaySheetProps) {
  const { giveaway, entry, entryCount, prize } = page
  return (
    <Sheet open={open} onClose={onClose} title={giveaway.title}>
      <div className="gift-sheet">
        <div className="gift-prize">
          {giveaway.prize.kind === 'variant' && <Picture src={giveaway.prize.pictureUrl} alt="" />}
          <div>
            <p className="gift-prize-name">{prizeWords(giveaway.prize)}</p>
            <p className="gift-note">
              {giveaway.winnerCount === 1 ? 'One winner' : `${giveaway.winnerCount} winners`}, drawn at random. Free to
              enter, one entry each.
            </p>
          </div>
        </div>
        {prize && <PrizeClaim prize={prize} claim={page.claim} />}
        <p className="gift-standing">
          <span className="figures">{entryWords(entryCount)}</span>
          {giveaway.state === 'open' && <Countdown endsAtMs={giveaway.entriesCloseAtMs} label="Entries close in" />}
          {giveaway.state === 'closed' && <span>Entries are closed. The draw comes next.</span>}
          {giveaway.state === 'void' && <span>{voidWords}</span>}
          {entry && <span>You have number {entry.entryNo}.</span>}
        </p>
        {giveaway.winners.length > 0 && (
          <section aria-label="Winners">
            <h3 className="gift-head">{giveaway.winners.length === 1 ? 'Winner' : 'Winners'}</h3>
            <ol className="gift-winners">
              {giveaway.winners.map((winner) => (
                <li key={winner.entryNo}>
                  <Trophy aria-hidden="true" />
                  <strong>{winner.displayName}</strong>
                  <span className="figures">No. {winner.entryNo}</span>
                </li>
              ))}
            </ol>
          </section>
        )}
        <DrawProof page={page} />
      </div>
    </Sheet>
  )
}
