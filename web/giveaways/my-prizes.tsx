import type { Address } from '@livelot/client/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useSession } from '../data/client.tsx'
import { sentenceOf } from '../data/sentences.ts'
import { prizeWords } from './giveaway-words.ts'
import { PrizeClaim } from './prize-claim.tsx'
import './giveaway-sheet.css'

const key = ['my-prizes']

/** Prizes that this person has won, where orders are looked for: who left the room can claim there too. */
export function MyPrizes() {
  const { client, account } = useSession()
  const queries = useQueryClient()
  const prizes = useQuery({
    queryKey: key,
    enabled: Boolean(account),
    queryFn: ({ signal }) => client.giveaways.myPrizes({}, { signal }),
  })
  const items = prizes.data?.items ?? []
  if (items.length === 0) return null
  const claim = async (giveawayId: string, address?: Address) => {
    try {
      await client.giveaways.claim({ giveawayId, address })
      await queries.invalidateQueries({ queryKey: key })
      return null
    } catch (error) {
      return sentenceOf(error)
    }
  }
  return (
    <section className="gift-mine" aria-label="Prizes">
      <h2>Prizes</h2>
      <ul>
        {items.map((prize) => (
          <li key={prize.giveawayId}>
            <h3>
              <Link to={`/shows/${prize.showId}`}>{prize.title}</Link>
            </h3>
            <p className="gift-note">{prizeWords(prize.prize)}</p>
            <PrizeClaim prize={prize} claim={(address) => claim(prize.giveawayId, address)} />
          </li>
        ))}
      </ul>
    </section>
  )
}
