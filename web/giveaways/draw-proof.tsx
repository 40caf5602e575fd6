import type { GiveawayVerdict } from '@livelot/client'
import { CircleAlert, CircleCheck } from 'lucide-react'
import { useState } from 'react'
import { sentenceOf } from '../data/sentences.ts'
import { Button } from '../parts/button.tsx'
import { shortHash } from './giveaway-words.ts'
import type { PageGiveaway } from './use-giveaway.ts'

type Checked =
  | { status: 'not-yet' }
  | { status: 'busy' }
  | { status: 'failed'; sentence: string }
  | { status: 'done'; verdict: GiveawayVerdict }

/** How one knows that nobody chose the winners; after the draw, worked out again on this device. */
export function DrawProof({ page }: { page: PageGiveaway }) {
  const { giveaway, verify } = page
  const [checked, setChecked] = useState<Checked>({ status: 'not-yet' })
  const check = async () => {
    setChecked({ status: 'busy' })
    try {
      setChecked({ status: 'done', verdict: await verify() })
    } catch (error) {
      setChecked({ status: 'failed', sentence: sentenceOf(error) })
    }
  }
  return (
    <details className="gift-proof">
      <summary>{giveaway.state === 'drawn' ? 'Verify this draw' : 'How the draw is kept honest'}</summary>
      <p>
        Before anybody entered, the server drew a secret number and told its fingerprint. After the last entry it tells
        the fingerprint of the list, and only then the number. The winners follow from the two by arithmetic.
      </p>
      <dl className="gift-hashes">
        <Hash name="Secret number’s fingerprint" hash={giveaway.seedCommitment} />
        <Hash name="Entry list’s fingerprint" hash={giveaway.entryListHash} />
        <Hash name="Secret number" hash={giveaway.seed} />
      </dl>
      {giveaway.state === 'drawn' && (
        <Button tone="outline" busy={checked.status === 'busy'} onClick={check}>
          Work it out on this device
        </Button>
      )}
      <div role="status">
        {checked.status === 'failed' && <p className="gift-problem">{checked.sentence}</p>}
        {checked.status === 'done' && <Verdict verdict={checked.verdict} />}
      </div>
      <p className="gift-note">
        It proves that the winners were not picked by hand. It cannot prove that every entry is a different person, nor
        that the operator of this site entered no accounts of its own.
      </p>
    </details>
  )
}

function Hash({ name, hash }: { name: string; hash: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={hash ?? undefined}>{hash === null ? 'not told yet' : shortHash(hash)}</dd>
    </div>
  )
}

function Verdict({ verdict }: { verdict: GiveawayVerdict }) {
  return (
    <div className="gift-verdict" data-passed={verdict.ok}>
      <strong>{verdict.ok ? 'The draw is right.' : 'The draw does not add up.'}</strong>
      <ul>
        {verdict.checks.map((check) => (
          <li key={check.name} data-passed={check.ok}>
            {check.ok ? <CircleCheck aria-label="Right:" /> : <CircleAlert aria-label="Wrong:" />}
            <span>{check.says}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
