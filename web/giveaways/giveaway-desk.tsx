import type { Giveaway, HandedPrize, ShelfItem, Show, Variant } from '@livelot/client/contracts'
import { useQuery } from '@tanstack/react-query'
import { useSession } from '../data/client.tsx'
import { sentenceOf } from '../data/sentences.ts'
import { Countdown } from '../parts/countdown.tsx'
import type { Loadable } from '../parts/loadable.ts'
import { GiveawayComposer } from './giveaway-composer.tsx'
import type { GiveawayDraft } from './giveaway-form.ts'
import { entryWords, prizeWords, shortHash, voidWords } from './giveaway-words.ts'
import './giveaway-desk.css'

/** Claims come in over two days; the host who looks sees them within this time. */
const claimsEveryMs = 15_000

type GiveawayDeskProps = {
  room: { readonly show: Show; readonly shelf: readonly ShelfItem[]; readonly giveaway: Giveaway | null }
  variantsOf: (productId: string) => Loadable<readonly Variant[]>
}

/** The host's side of a giveaway: open one, see it run, see who has claimed. */
export function GiveawayDesk({ room, variantsOf }: GiveawayDeskProps) {
  const { client } = useSession()
  const { show, shelf, giveaway } = room
  const open = async (draft: GiveawayDraft) => {
    try {
      await client.giveaways.open({ showId: show.showId, ...draft })
      return null
    } catch (error) {
      return sentenceOf(error)
    }
  }
  const isRunning = giveaway?.state === 'open' || giveaway?.state === 'closed'
  return (
    <div className="gift-desk">
      {giveaway && <Standing giveaway={giveaway} />}
      {giveaway?.state === 'drawn' && giveaway.winners.length > 0 && <Prizes giveaway={giveaway} />}
      {!isRunning && (
        <GiveawayComposer
          shelf={shelf}
          variantsOf={variantsOf}
          closedBecause={show.state === 'live' ? null : 'Giveaways are opened while the show is live.'}
          onOpen={open}
        />
      )}
    </div>
  )
}

function Standing({ giveaway }: { giveaway: Giveaway }) {
  return (
    <article className="gift-standing-card" data-state={giveaway.state}>
      <header>
        <h3>{giveaway.title}</h3>
        {giveaway.state === 'open' && <Countdown endsAtMs={giveaway.entriesCloseAtMs} label="Entries close in" />}
        {giveaway.state === 'closed' && <span>Drawing…</span>}
        {giveaway.state === 'drawn' && <span>Over</span>}
        {giveaway.state === 'void' && <span>Void</span>}
      </header>
      <p>
        {prizeWords(giveaway.prize)}
        {giveaway.winnerCount > 1 && `, ${giveaway.winnerCount} times`}
      </p>
      <p className="gift-desk-count">
        <strong className="figures">{giveaway.entryCount.toLocaleString('en-US')}</strong>{' '}
        {giveaway.entryCount === 1 ? 'entry' : 'entries'}
      </p>
      {giveaway.state === 'void' && <p className="field-error">{voidWords} Tell the operator of this site.</p>}
      <p className="gift-note">
        {giveaway.seed === null
          ? `Committed to ${shortHash(giveaway.seedCommitment)} before the first entry.`
          : `Drawn from ${entryWords(giveaway.entryCount)}; anybody can verify it in the room.`}
      </p>
    </article>
  )
}

const stateWords: Record<HandedPrize['state'], string> = {
  waiting: 'not claimed yet',
  claimed: 'claimed',
  expired: 'not claimed in time',
}

function Prizes({ giveaway }: { giveaway: Giveaway }) {
  const { client } = useSession()
  const { giveawayId } = giveaway
  const prizes = useQuery({
    queryKey: ['giveaway-prizes', giveawayId],
    queryFn: ({ signal }) => client.giveaways.prizes({ giveawayId }, { signal }),
    refetchInterval: claimsEveryMs,
  })
  if (prizes.isError) return <p className="field-error">{sentenceOf(prizes.error)}</p>
  return (
    <section aria-label="Winners and claims">
      <h3 className="gift-desk-head">Winners</h3>
      <ul className="gift-claims">
        {(prizes.data?.items ?? []).map((prize) => (
          <li key={prize.entryNo} data-state={prize.state}>
            <strong>{prize.displayName}</strong>
            <span className="figures">No. {prize.entryNo}</span>
            <span className="gift-claims-state">
              {prize.isPassedOn && 'next in turn, '}
              {stateWords[prize.state]}
            </span>
            {prize.address && (
              <address>
                {[
                  prize.address.name,
                  prize.address.line1,
                  prize.address.line2,
                  prize.address.postalCode,
                  prize.address.city,
                  prize.address.region,
                  prize.address.country,
                ]
                  .filter(Boolean)
                  .join(', ')}
              </address>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
