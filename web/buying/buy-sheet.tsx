import { BadgeCheck, CircleSlash, LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, ButtonLink } from '../parts/button.tsx'
import { formatMoney } from '../parts/money.ts'
import { Sheet } from '../parts/sheet.tsx'
import { Loading, Skeleton } from '../parts/states.tsx'
import { BuyReview, PayFooter } from './buy-review.tsx'
import { HostedFrame } from './hosted-frame.tsx'
import type { Purchase, PurchaseActions } from './purchase.ts'
import './buy-sheet.css'

type BuySheetProps = { purchase: Purchase | null; actions: PurchaseActions }

const titles: Record<Purchase['step'], string> = {
  preparing: 'One moment',
  'sign-in': 'Sign in to buy',
  refused: 'Not this time',
  review: 'Your order',
  paying: 'Paying',
  bank: 'Your bank asks',
  paid: 'It is yours',
  unknown: 'We lost touch',
  failed: 'Not paid',
}

/** From the tap to the order. While money moves it cannot be closed by a stray tap. */
export function BuySheet({ purchase, actions }: BuySheetProps) {
  const step = purchase?.step ?? 'preparing'
  const title = purchase?.step === 'refused' ? purchase.reason.title : titles[step]
  const inMotion = step === 'paying' || step === 'bank'
  return (
    <Sheet
      open={purchase !== null}
      onClose={actions.close}
      title={title}
      modalOnly={inMotion}
      footer={purchase?.step === 'review' ? <PayFooter review={purchase} onPay={actions.pay} /> : undefined}
    >
      {purchase && <StepBody purchase={purchase} actions={actions} />}
    </Sheet>
  )
}

function StepBody({ purchase, actions }: { purchase: Purchase; actions: PurchaseActions }) {
  switch (purchase.step) {
    case 'preparing':
      return (
        <Loading label={`Reserving ${purchase.productName}`} className="buy-wait">
          <p>Reserving {purchase.productName} for you…</p>
          <Skeleton />
          <Skeleton />
          <Skeleton shape="title" />
        </Loading>
      )
    case 'sign-in':
      return (
        <Outcome>
          <p>Sign in or make an account, and you come straight back here. {purchase.productName} is waiting.</p>
          <Button size="l" wide onClick={actions.signIn}>
            Sign in
          </Button>
        </Outcome>
      )
    case 'refused':
      return <Refused purchase={purchase} actions={actions} />
    case 'review':
      return <BuyReview review={purchase} actions={actions} />
    case 'paying':
      return <Paying purchase={purchase} />
    case 'bank':
      return <BankStep purchase={purchase} onDone={actions.bankStepDone} />
    case 'paid':
      return (
        <Outcome icon={<BadgeCheck aria-hidden="true" />} tone="good">
          <p className="buy-outcome-line" role="status">
            Paid {formatMoney(purchase.total)} for {purchase.quote.productName}. Your order is{' '}
            <strong>{purchase.orderNumber}</strong>.
          </p>
          <ButtonLink to={`/orders/${purchase.orderId}`} size="l" wide>
            See the order
          </ButtonLink>
          <Button tone="ghost" wide onClick={actions.close}>
            Done
          </Button>
        </Outcome>
      )
    case 'unknown':
      return (
        <Outcome>
          <p role="alert">{purchase.sentence} Its state is under Orders.</p>
          <ButtonLink to="/orders" size="l" wide>
            Look at my orders
          </ButtonLink>
        </Outcome>
      )
    case 'failed':
      return (
        <Outcome icon={<CircleSlash aria-hidden="true" />} tone="bad">
          <p role="alert">{purchase.sentence} Nothing was charged.</p>
          {purchase.retryable && (
            <Button size="l" wide onClick={actions.startOver}>
              Try again
            </Button>
          )}
          <Button tone="ghost" wide onClick={actions.close}>
            Close
          </Button>
        </Outcome>
      )
  }
}

function Outcome({ icon, tone, children }: { icon?: ReactNode; tone?: 'good' | 'bad'; children: ReactNode }) {
  return (
    <div className={tone ? `buy-outcome buy-outcome-${tone}` : 'buy-outcome'}>
      {icon}
      {children}
    </div>
  )
}

type RefusedProps = { purchase: Extract<Purchase, { step: 'refused' }>; actions: PurchaseActions }

function Refused({ purchase, actions }: RefusedProps) {
  const { reason, waitlist } = purchase
  return (
    <Outcome>
      <p role="alert">{reason.sentence}</p>
      {waitlist?.position ? (
        <p className="buy-place" role="status">
          You are number <strong className="figures">{waitlist.position}</strong> in line. If a unit comes back, it is
          held for you and this page tells you.
        </p>
      ) : (
        waitlist && (
          <Button size="l" wide busy={waitlist.joining} onClick={actions.joinWaitlist}>
            Join the waitlist
          </Button>
        )
      )}
      <Button tone="ghost" wide onClick={actions.close}>
        Done
      </Button>
    </Outcome>
  )
}

const payingWords = {
  created: 'Writing your order…',
  authorising: 'Asking your bank…',
  needs_action: 'Asking your bank…',
  authorised: 'Your bank says yes…',
  capturing: 'Finishing the payment…',
  paid: 'Paid',
  failed: 'Not paid',
} as const

function Paying({ purchase }: { purchase: Extract<Purchase, { step: 'paying' }> }) {
  const words = purchase.checkout ? payingWords[purchase.checkout.state] : 'Placing your order…'
  return (
    <Outcome>
      <LoaderCircle className="buy-turning" aria-hidden="true" />
      <p className="buy-outcome-line" role="status">
        {words}
      </p>
      <p className="buy-note">
        {formatMoney(purchase.total)}, charged once. You can leave this page: the order goes on and is under Orders.
      </p>
    </Outcome>
  )
}

const BANK_FRAME_HEIGHT_PX = 420

type BankStepProps = { purchase: Extract<Purchase, { step: 'bank' }>; onDone: () => void }

function BankStep({ purchase, onDone }: BankStepProps) {
  return (
    <div className="buy-bank">
      <p>Confirm {formatMoney(purchase.total)} with your bank below.</p>
      <HostedFrame
        url={purchase.actionUrl}
        title="Confirmation at your bank"
        heightPx={BANK_FRAME_HEIGHT_PX}
        onMessage={(message) => {
          if (message.type === 'livelot-challenge-done') onDone()
        }}
      />
      <Button tone="outline" wide onClick={onDone}>
        I have confirmed it
      </Button>
    </div>
  )
}
