import type { Address, WonPrize } from '@livelot/client/contracts'
import { useState } from 'react'
import { AddressForm } from '../buying/address-form.tsx'
import { useSession } from '../data/client.tsx'
import { Button } from '../parts/button.tsx'
import { Countdown } from '../parts/countdown.tsx'

type PrizeClaimProps = { prize: WonPrize; claim: (address?: Address) => Promise<string | null> }

const lineOf = (address: Address) => [address.name, address.line1, address.city, address.country].join(', ')

/** A prize of one's own: to be claimed, claimed, or gone. */
export function PrizeClaim({ prize, claim }: PrizeClaimProps) {
  if (prize.state === 'claimed')
    return (
      <div className="gift-claim" data-state="claimed">
        <strong>It is yours.</strong>
        {prize.address && <p>It goes to {lineOf(prize.address)}. There is nothing to pay.</p>}
      </div>
    )
  if (prize.state === 'expired')
    return (
      <div className="gift-claim" data-state="expired">
        <strong>The time to claim is over.</strong>
        <p>The prize went on to the next entry of the draw.</p>
      </div>
    )
  return <Waiting prize={prize} claim={claim} />
}

function Waiting({ prize, claim }: PrizeClaimProps) {
  const { account } = useSession()
  const saved = account?.address ?? null
  const [another, setAnother] = useState(saved === null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const send = async () => {
    setBusy(true)
    setProblem(await claim())
    setBusy(false)
  }
  return (
    <div className="gift-claim" data-state="waiting">
      <strong>{prize.isPassedOn ? 'It is your turn: the prize is yours' : 'You have won'}</strong>
      <Countdown endsAtMs={prize.claimBeforeMs} label="Claim it within" />
      {another || saved === null ? (
        <AddressForm address={saved} onSave={claim} onCancel={saved ? () => setAnother(false) : undefined} />
      ) : (
        <>
          <p>{lineOf(saved)}</p>
          {problem && (
            <p className="gift-problem" role="alert">
              {problem}
            </p>
          )}
          <div className="gift-claim-act">
            <Button tone="buy" busy={busy} onClick={send}>
              Send it here
            </Button>
            <Button tone="ghost" onClick={() => setAnother(true)}>
              Another address
            </Button>
          </div>
        </>
      )}
      <p className="gift-note">Delivery costs nothing. If you do not claim it in time, it goes to the next entry.</p>
    </div>
  )
}
