import type { Coupon } from '@livelot/client/contracts'
import { Check, TicketPercent } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useAnnounce } from '../parts/announcer.tsx'
import { Button } from '../parts/button.tsx'
import { useRemainingMs } from '../parts/clock.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { conditionWords, offWords } from './coupon-words.ts'
import './room-coupon.css'

/** Time is shown when it begins to matter; a counter of hours only moves the eye. */
const COUNTED_MS = 3_600_000

type RoomCouponProps = {
  coupons: readonly Coupon[]
  /** The code that goes into the next order. */
  chosen: string | null
  onUse: (code: string | null) => void
}

/** The coupon that the host showed last, as a ticket: one tap puts its code into the buy sheet. */
export function RoomCoupon({ coupons, chosen, onUse }: RoomCouponProps) {
  const coupon = coupons.at(-1)
  return coupon ? (
    <Ticket
      key={coupon.couponId}
      coupon={coupon}
      isChosen={chosen === coupon.code}
      others={coupons.slice(0, -1)}
      {...{ chosen, onUse }}
    />
  ) : null
}

type TicketProps = {
  coupon: Coupon
  isChosen: boolean
  others: readonly Coupon[]
  chosen: string | null
  onUse: RoomCouponProps['onUse']
}

function Ticket({ coupon, isChosen, others, chosen, onUse }: TicketProps) {
  const leftMs = useRemainingMs(coupon.validUntilMs)
  const announce = useAnnounce()
  const told = useRef(false)
  const off = offWords(coupon)
  useEffect(() => {
    if (!told.current) announce(`Coupon ${coupon.code}: ${off}`)
    told.current = true
  }, [announce, coupon.code, off])
  if (leftMs === 0) return <RoomCoupon coupons={others} {...{ chosen, onUse }} />
  const condition = conditionWords(coupon)
  return (
    <article className="coupon-ticket" aria-label={`Coupon ${coupon.code}`}>
      <TicketPercent aria-hidden="true" />
      <p className="coupon-ticket-words">
        <strong>{off}</strong>
        <span className="coupon-ticket-line">
          <span className="figures coupon-ticket-code">{coupon.code}</span>
          {condition && <span className="coupon-ticket-condition">{condition}</span>}
          {leftMs <= COUNTED_MS && <Countdown endsAtMs={coupon.validUntilMs} label="Ends in" labelHidden size="s" />}
        </span>
      </p>
      <Button
        tone={isChosen ? 'ghost' : 'outline'}
        size="s"
        aria-pressed={isChosen}
        icon={isChosen ? <Check aria-hidden="true" /> : undefined}
        onClick={() => onUse(isChosen ? null : coupon.code)}
      >
        {isChosen ? 'In your order' : 'Use it'}
      </Button>
    </article>
  )
}
