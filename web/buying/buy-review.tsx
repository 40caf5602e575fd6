import { CouponField } from '../coupons/coupon-field.tsx'
import { Button } from '../parts/button.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { ChoiceField } from '../parts/field.tsx'
import { formatMoney } from '../parts/money.ts'
import { MoneyLines } from '../parts/money-lines.tsx'
import { Picture } from '../parts/picture.tsx'
import { Price } from '../parts/price.tsx'
import { Skeleton } from '../parts/states.tsx'
import { CardChoice } from './card-choice.tsx'
import { DeliveryAddress } from './delivery-address.tsx'
import type { PurchaseActions, ReviewStep } from './purchase.ts'

const HOLD_MS = 120_000

type BuyReviewProps = { review: ReviewStep; actions: PurchaseActions }

export function BuyReview({ review, actions }: BuyReviewProps) {
  const { quote, hold } = review
  return (
    <div className="buy-review">
      {hold && (
        <div className="buy-hold">
          <Countdown endsAtMs={hold.expiresAtMs} totalMs={HOLD_MS} label="Held for you" onEnd={actions.holdExpired} />
          <Button tone="ghost" size="s" onClick={actions.giveBack}>
            Give it back
          </Button>
        </div>
      )}
      <div className="buy-item">
        {quote ? <Picture src={quote.pictureUrl} alt="" eager /> : <Skeleton shape="square" />}
        <div>
          <h3>{quote ? quote.productName : <Skeleton shape="title" />}</h3>
          {quote && <p className="buy-note">{quote.variantName}</p>}
          {quote && <Price price={quote.unitPrice} />}
        </div>
      </div>
      <Choices review={review} actions={actions} />
      <section aria-labelledby="buy-price">
        <h3 id="buy-price" className="sheet-heading">
          Full price
        </h3>
        {review.quoteProblem && <p className="field-error">{review.quoteProblem}</p>}
        {quote && <MoneyLines lines={quote} taxIncluded={quote.taxIncluded} />}
        {!quote && !review.quoteProblem && (
          <>
            <Skeleton />
            <Skeleton />
            <Skeleton shape="title" />
          </>
        )}
      </section>
      {review.takesCoupons && (
        <CouponField
          code={review.couponCode}
          discount={quote?.discount ?? null}
          problem={review.couponProblem}
          onApply={actions.chooseCoupon}
          onRemove={() => actions.chooseCoupon(null)}
        />
      )}
      <DeliveryAddress id="buy-address" title="Deliver to" address={review.address} onSave={actions.saveAddress} />
      <section aria-labelledby="buy-card">
        <h3 id="buy-card" className="sheet-heading">
          Pay with
        </h3>
        <CardChoice
          cards={review.cards}
          cardId={review.cardId}
          cardFormUrl={review.cardFormUrl}
          onChoose={actions.chooseCard}
          onToken={actions.saveCard}
        />
      </section>
    </div>
  )
}

/** A hold has fixed what and how many; only a purchase at the list price still chooses. */
function Choices({ review, actions }: BuyReviewProps) {
  if (review.hold) return null
  const several = review.variants.length > 1
  const counts = Array.from({ length: Math.min(review.unitsMax, 5) }, (_, place) => place + 1)
  return (
    <>
      {several && (
        <ChoiceField
          legend="Choose"
          value={review.variantId ?? ''}
          options={review.variants.map((variant) => ({
            value: variant.variantId as string,
            label: variant.name,
            note: variant.availableUnits === 0 ? 'sold out' : undefined,
            disabled: variant.availableUnits === 0,
          }))}
          onChange={actions.chooseVariant}
        />
      )}
      {counts.length > 1 && (
        <ChoiceField
          legend="How many"
          value={review.units}
          options={counts.map((count) => ({ value: count, label: String(count) }))}
          onChange={actions.chooseUnits}
        />
      )}
    </>
  )
}

function whatIsMissing({ address, cardId, quote }: ReviewStep): string | null {
  if (!address) return 'Add a delivery address to go on.'
  if (!cardId) return 'Add a card to go on.'
  return quote ? null : 'Working out the full price…'
}

export function PayFooter({ review, onPay }: { review: ReviewStep; onPay: () => void }) {
  const missing = whatIsMissing(review)
  return (
    <>
      {review.problem && (
        <p className="field-error" role="alert">
          {review.problem}
        </p>
      )}
      <Button tone="buy" size="l" wide disabled={missing !== null} busy={review.busy} onClick={onPay}>
        {review.quote ? `Pay ${formatMoney(review.quote.total)}` : 'Pay'}
      </Button>
      <p className="buy-note buy-note-centre">{missing ?? 'That is all of it. Nothing is added later.'}</p>
    </>
  )
}
