import type { Hold } from '@livelot/client/contracts'
import { type Dispatch, type RefObject, type SetStateAction, useMemo, useRef } from 'react'
import { useSession } from '../data/client.tsx'
import { sentenceOf } from '../data/sentences.ts'
import { holdItem, loadQuote, type WantedItem } from './buyer-means.ts'
import { Payment } from './payment.ts'
import type { Purchase, PurchaseActions, ReviewStep } from './purchase.ts'

type Frame = {
  setPurchase: Dispatch<SetStateAction<Purchase | null>>
  /** Grows with each new purchase; an answer that comes after is dropped. */
  turn: RefObject<number>
  showId: string | null
  holds: RefObject<Map<string, Hold>>
}

export type ReviewActions = Omit<PurchaseActions, 'close' | 'signIn' | 'joinWaitlist' | 'startOver'>

function itemOf(review: ReviewStep, showId: string | null): WantedItem {
  if (review.hold) return holdItem(review.hold)
  const { variantId, units } = review
  return { kind: 'variant', variantId: variantId ?? '', units, ...(showId && { showId }) }
}

/** What can be done while the order lies open: change it, pay it, give it back. */
export function useReviewActions(frame: Frame): ReviewActions {
  const { client, account, showAccount } = useSession()
  /** The last one that was shown; actions read it at the moment of the tap. */
  const latest = useRef({ account, showId: frame.showId })
  latest.current = { account, showId: frame.showId }
  const { setPurchase, turn, holds } = frame

  return useMemo(() => {
    const change = (part: Partial<ReviewStep>) =>
      setPurchase((now) => (now?.step === 'review' ? { ...now, ...part } : now))

    const withReview = (use: (review: ReviewStep) => void) =>
      setPurchase((now) => {
        // Reading inside the setter gives the newest state; what it starts runs after this render.
        if (now?.step === 'review') queueMicrotask(() => use(now))
        return now
      })

    const priceAgain = async (review: ReviewStep) => {
      const mine = turn.current
      const buyer = latest.current.account
      if (!buyer) return
      change({ quote: null, quoteProblem: null })
      const priced = await loadQuote(client, itemOf(review, null), buyer)
      if (turn.current === mine) change(priced)
    }

    const choose = (part: Partial<ReviewStep>) => {
      change(part)
      withReview((review) => {
        priceAgain({ ...review, ...part }).catch((error: unknown) => change({ quoteProblem: sentenceOf(error) }))
      })
    }

    const payment = new Payment(client, setPurchase, turn)

    return {
      chooseVariant: (variantId: string) => choose({ variantId, units: 1 }),
      chooseUnits: (units: number) => choose({ units }),
      chooseCard: (cardId: string) => change({ cardId }),
      saveAddress: async (address) => {
        try {
          const changed = await client.account.setAddress(address)
          latest.current.account = changed
          showAccount(changed)
          choose({ address: changed.address })
          return null
        } catch (error) {
          return sentenceOf(error)
        }
      },
      saveCard: async (cardToken) => {
        try {
          const card = await client.cards.save({ cardToken })
          setPurchase((now) =>
            now?.step === 'review'
              ? { ...now, cards: [card, ...now.cards.filter((one) => one.cardId !== card.cardId)], cardId: card.cardId }
              : now,
          )
          return null
        } catch (error) {
          return sentenceOf(error)
        }
      },
      pay: () =>
        withReview((review) => {
          const item = itemOf(review, latest.current.showId)
          // From here on the hold belongs to the order; the next tap is for another unit.
          if (review.hold) holds.current.delete(review.hold.flashSaleId)
          const onPriceChanged = () => choose({ busy: false, problem: 'The price has changed. Please look again.' })
          payment.start(review, item, onPriceChanged)
        }),
      bankStepDone: () => payment.bankStepDone(),
      holdExpired: () =>
        setPurchase((now) =>
          now?.step === 'review' && now.hold && !now.busy
            ? { step: 'failed', sentence: 'The time of your hold ran out, and the unit went back.', retryable: true }
            : now,
        ),
      giveBack: () =>
        withReview(({ hold }) => {
          if (!hold) return
          holds.current.delete(hold.flashSaleId)
          setPurchase(null)
          // Where this fails, the hold ends by itself when its time is over.
          client.flashSales.release({ flashSaleId: hold.flashSaleId, holdId: hold.holdId }).catch(() => undefined)
        }),
    }
  }, [client, showAccount, setPurchase, turn, holds])
}
