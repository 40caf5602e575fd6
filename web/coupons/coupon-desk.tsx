import { newOperationId } from '@livelot/client'
import type { Currency, OwnCoupon, Show } from '@livelot/client/contracts'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useSession } from '../data/client.tsx'
import { sentenceOf } from '../data/sentences.ts'
import { Button } from '../parts/button.tsx'
import { useRemainingMs } from '../parts/clock.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { CouponComposer } from './coupon-composer.tsx'
import type { CouponDraft } from './coupon-form.ts'
import { conditionWords, offWords } from './coupon-words.ts'
import './coupon-desk.css'

/** Redemptions are watched while the host talks about the coupon. */
const redemptionsEveryMs = 4_000

/** The host's side of coupons: make one, show it to the room, see it used, end it. */
export function CouponDesk({ show, currency }: { show: Show; currency: Currency }) {
  const { client } = useSession()
  const { showId } = show
  const attempt = useRef<{ key: string; operationId: string } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const coupons = useQuery({
    queryKey: ['coupons', showId],
    queryFn: ({ signal }) => client.coupons.list({ showId }, { signal }),
    refetchInterval: redemptionsEveryMs,
  })
  const tried = async (work: () => Promise<unknown>): Promise<string | null> => {
    try {
      await work()
      return null
    } catch (error) {
      return sentenceOf(error)
    } finally {
      await coupons.refetch()
    }
  }
  // An answer that was lost is asked for again: the same wish keeps its operation id.
  const create = (draft: CouponDraft) => {
    const key = JSON.stringify(draft)
    if (attempt.current?.key !== key) attempt.current = { key, operationId: newOperationId() }
    const { operationId } = attempt.current
    return tried(() => client.coupons.create({ showId, ...draft, operationId }))
  }
  const act = (work: () => Promise<unknown>) => tried(work).then(setProblem)
  return (
    <div className="coupon-desk">
      {(coupons.error || problem) && (
        <p className="field-error" role="alert">
          {problem ?? sentenceOf(coupons.error)}
        </p>
      )}
      {(coupons.data?.items.length ?? 0) > 0 && (
        <ul className="coupon-list" aria-label="Coupons of this show">
          {coupons.data?.items.map((one) => (
            <CouponRow
              key={one.coupon.couponId}
              one={one}
              isLive={show.state === 'live'}
              onAnnounce={() => act(() => client.coupons.announce({ couponId: one.coupon.couponId }))}
              onEnd={() => act(() => client.coupons.end({ couponId: one.coupon.couponId }))}
            />
          ))}
        </ul>
      )}
      <CouponComposer currency={currency} isClosed={show.state === 'ended'} onCreate={create} />
    </div>
  )
}

type CouponRowProps = { one: OwnCoupon; isLive: boolean; onAnnounce: () => void; onEnd: () => void }

function CouponRow({ one, isLive, onAnnounce, onEnd }: CouponRowProps) {
  const { coupon, redemptionCount, redemptionsMax, announcedAtMs, endedAtMs } = one
  const isOutOfTime = useRemainingMs(coupon.validUntilMs) === 0
  const isOver = endedAtMs !== null || isOutOfTime
  const condition = conditionWords(coupon)
  return (
    <li className="coupon-row" data-over={isOver}>
      <header>
        <strong className="figures">{coupon.code}</strong>
        {isOver ? <span>Over</span> : <Countdown endsAtMs={coupon.validUntilMs} label="Ends in" size="s" />}
      </header>
      <p>
        {offWords(coupon)}
        {condition && `, ${condition}`}
      </p>
      <p className="coupon-used">
        <span className="figures">
          {redemptionCount.toLocaleString('en-US')} of {redemptionsMax.toLocaleString('en-US')}
        </span>{' '}
        used{announcedAtMs !== null && !isOver && ', shown in the room'}
      </p>
      {!isOver && (
        <div className="coupon-acts">
          {announcedAtMs === null && (
            <Button tone="live" size="s" disabled={!isLive} onClick={onAnnounce}>
              {isLive ? 'Show to the room' : 'Shown once you are live'}
            </Button>
          )}
          <Button tone="danger" size="s" onClick={onEnd}>
            End now
          </Button>
        </div>
      )}
    </li>
  )
}
