import type { Address, Card, Currency, Entry, IneligibleReason } from '@livelot/client/contracts'
import { Ticket } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { CardChoice } from '../buying/card-choice.tsx'
import { DeliveryAddress } from '../buying/delivery-address.tsx'
import { HostedFrame } from '../buying/hosted-frame.tsx'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { formatMoney } from '../parts/money.ts'
import { Sheet } from '../parts/sheet.tsx'
import { ErrorState, Loading, Skeleton } from '../parts/states.tsx'
import { amountText, parseAmountMinor } from './amounts.ts'
import './entry-sheet.css'
import { canEnter, reasonWords } from './refusals.ts'

/** What the sheet is drawn from, once cards and address are known. */
export type EntryMeans = {
  address: Address | null
  cards: readonly Card[]
  cardId: string | null
  cardFormUrl: string | null
}

export type EntryState =
  | { status: 'loading' }
  | { status: 'failed'; sentence: string }
  | {
      status: 'ready'
      means: EntryMeans
      missing: readonly IneligibleReason[]
      entry: Entry | null
      currency: Currency
    }

/** What became of asking for a paddle; `bankUrl`: the bank wants its own step before it holds the deposit. */
export type EntryEnd = { problem: string | null; bankUrl: string | null }

export type EntryActions = {
  close: () => void
  reload: () => void
  chooseCard: (cardId: string) => void
  saveAddress: (address: Address) => Promise<string | null>
  saveCard: (cardToken: string) => Promise<string | null>
  enter: (limitMinor: number | null) => Promise<EntryEnd>
}

type EntrySheetProps = { open: boolean; state: EntryState; actions: EntryActions }

/** Before the first bid of a show, and later to change card or limit. */
export function EntrySheet({ open, state, actions }: EntrySheetProps) {
  const isEntered = state.status === 'ready' && state.entry !== null
  return (
    <Sheet open={open} onClose={actions.close} title={isEntered ? 'Your paddle' : 'Get your paddle'}>
      {state.status === 'loading' && (
        <Loading label="Looking up your card and address" className="entry">
          <Skeleton shape="title" />
          <Skeleton />
          <Skeleton />
          <Skeleton shape="title" />
        </Loading>
      )}
      {state.status === 'failed' && <ErrorState message={state.sentence} onRetry={actions.reload} />}
      {state.status === 'ready' && <EntryBody state={state} actions={actions} />}
    </Sheet>
  )
}

type ReadyProps = { state: Extract<EntryState, { status: 'ready' }>; actions: EntryActions }

function EntryBody({ state, actions }: ReadyProps) {
  const { means, missing, entry } = state
  if (!canEnter(missing)) return <Barred missing={missing} onClose={actions.close} />
  const { address } = means
  return (
    <div className="entry">
      {entry && (
        <p className="entry-paddle">
          <Ticket aria-hidden="true" />
          <span>
            You are paddle <strong className="figures">{entry.paddle.number}</strong> in this show.
          </span>
        </p>
      )}
      {missing.includes('deposit_required') && <Deposit>{reasonWords('deposit_required').sentence}</Deposit>}
      {entry?.deposit && <Deposit>{formatMoney(entry.deposit)} is held on your card until the show ends.</Deposit>}
      <DeliveryAddress id="entry-address" title="Wins are sent to" address={address} onSave={actions.saveAddress} />
      <section aria-labelledby="entry-card">
        <h3 id="entry-card" className="sheet-heading">
          Wins are charged to
        </h3>
        <CardChoice
          cards={means.cards}
          cardId={means.cardId}
          cardFormUrl={means.cardFormUrl}
          onChoose={actions.chooseCard}
          onToken={actions.saveCard}
        />
      </section>
      <Acceptance state={state} actions={actions} />
    </div>
  )
}

function Deposit({ children }: { children: ReactNode }) {
  return <p className="entry-deposit">{children} It is not a charge: it is given back when the show ends.</p>
}

const rules = [
  'A bid binds. It cannot be taken back.',
  'At the hammer your card is charged the all-in price that stood on the button.',
  'A maximum stays secret until the close, for the host too. Of equal maxima the earlier one wins.',
  'Only the clock of the platform counts. Every bid has a signed receipt.',
  'Not paid within two minutes, a lot goes to the next bidder.',
]

function Acceptance({ state, actions }: ReadyProps) {
  const { means, missing, entry, currency } = state
  const before = entry?.limitMinor ?? null
  const [limit, setLimit] = useState(() => (before === null ? '' : amountText(before, currency)))
  const [busy, setBusy] = useState(false)
  const [{ problem, bankUrl }, setEnd] = useState<EntryEnd>({ problem: null, bankUrl: null })
  const limitMinor = limit.trim() === '' ? null : parseAmountMinor(limit, currency)
  const limitWrong = limit.trim() !== '' && (limitMinor === null || limitMinor === 0)
  const lacks = !means.address ? 'Add a delivery address to go on.' : !means.cardId ? 'Add a card to go on.' : null
  const needsDeposit = missing.includes('deposit_required')

  const enter = async () => {
    setBusy(true)
    setEnd(await actions.enter(limitMinor))
    setBusy(false)
  }
  if (bankUrl) return <BankStep url={bankUrl} busy={busy} onDone={enter} />
  return (
    <>
      <TextField
        label="Own limit for this show (optional)"
        inputMode="decimal"
        autoComplete="off"
        placeholder="None"
        value={limit}
        hint="What you lead with and what you have won together never go above it."
        error={limitWrong ? 'An amount, like 150, or nothing.' : null}
        onChange={(event) => setLimit(event.target.value)}
      />
      {!entry && (
        <section aria-labelledby="entry-rules">
          <h3 id="entry-rules" className="sheet-heading">
            The rules
          </h3>
          <ul className="entry-rules">
            {rules.map((rule) => (
              <li key={rule}>{rule}</li>
            ))}
          </ul>
        </section>
      )}
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <Button size="l" wide busy={busy} disabled={lacks !== null || limitWrong} onClick={enter}>
        {entry ? 'Save' : needsDeposit ? 'Accept, and hold the deposit' : 'Accept and get my paddle'}
      </Button>
      {lacks && <p className="entry-lacks">{lacks}</p>}
    </>
  )
}

const BANK_FRAME_HEIGHT_PX = 420

/** The bank's own page for the deposit. Asking for the paddle once more after it finds the same hold. */
function BankStep({ url, busy, onDone }: { url: string; busy: boolean; onDone: () => void }) {
  return (
    <>
      <p>Your bank asks you to confirm the deposit below.</p>
      <HostedFrame
        url={url}
        title="Confirmation at your bank"
        heightPx={BANK_FRAME_HEIGHT_PX}
        onMessage={(message) => {
          if (message.type === 'livelot-challenge-done') onDone()
        }}
      />
      <Button tone="outline" wide busy={busy} onClick={onDone}>
        I have confirmed it
      </Button>
    </>
  )
}

function Barred({ missing, onClose }: { missing: readonly IneligibleReason[]; onClose: () => void }) {
  return (
    <div className="entry">
      {missing.map((reason) => (
        <p key={reason}>{reasonWords(reason).sentence}</p>
      ))}
      <p className="entry-lacks">You can go on watching, chatting, and buying what is on the shelf.</p>
      <Button size="l" wide onClick={onClose}>
        Back to the show
      </Button>
    </div>
  )
}
