import type { WaitingView } from '@livelot/client'

const count = (units: number): string => units.toLocaleString('en-US')
const people = (number: number): string => `${count(number)} ${number === 1 ? 'person' : 'people'}`

export type WaitingWords = { head: string; note: string }

/** What a person in line is told: where one stands, and what there is left to wait for. Never more than is known. */
export function waitingWords(view: WaitingView): WaitingWords {
  switch (view.stage) {
    case 'none':
      return { head: 'Buyers are called in turn', note: noteBefore(view) }
    case 'joining':
      return { head: 'Taking your place…', note: '' }
    case 'early':
      return view.before === null
        ? { head: 'You are in the draw', note: inDrawWith(view) }
        : { head: `About ${people(view.before)} before you`, note: stockNote(view) }
    case 'waiting':
      return { head: placeWords(view), note: stockNote(view) }
    case 'called':
      return { head: 'It is your turn', note: 'A unit is free. Buy before the time is over.' }
    case 'missed':
      return { head: 'Your turn has passed', note: 'You can stand in line again, at its end.' }
    case 'done':
      return { head: 'You have yours', note: 'You have the most that one buyer may have.' }
    case 'ended':
      return view.room?.endReason === 'closed'
        ? { head: 'The sale is over', note: 'Nobody is called any more.' }
        : { head: 'Sold out', note: 'Every unit is paid for. The wait is over.' }
    default:
      return view.stage satisfies never
  }
}

function placeWords({ before }: WaitingView): string {
  if (before === null) return 'You are in line'
  return before === 0 ? 'You are next' : `${people(before)} before you`
}

function noteBefore({ room }: WaitingView): string {
  if (room?.state !== 'admitting')
    return 'Places are drawn by lot at the opening. Coming first or tapping often changes nothing.'
  return room.waitingCount === 0 ? 'Nobody is in line.' : `${people(room.waitingCount)} in line.`
}

function inDrawWith({ room }: WaitingView): string {
  const others = Math.max(0, (room?.earlyCount ?? 1) - 1)
  const crowd =
    others === 0 ? 'Nobody else so far.' : `With ${count(others)} ${others === 1 ? 'other' : 'others'} so far.`
  return `${crowd} Your place is drawn when the sale opens.`
}

function stockNote({ unitsLeft, unitsHeld }: WaitingView): string {
  if (unitsLeft > 0) return `${count(unitsLeft)} left for those who are called.`
  const held = `${count(unitsHeld)} ${unitsHeld === 1 ? 'is' : 'are'} held by others`
  return `None is free. ${held} and may come back.`
}

/** What is read aloud where the view changed; empty where it is not worth a sentence. */
export function waitingNews(before: WaitingView | null, now: WaitingView): string {
  const { head, note } = waitingWords(now)
  if (before?.stage !== now.stage) return now.stage === 'none' || now.stage === 'joining' ? '' : `${head}. ${note}`
  if (now.stage !== 'waiting' || before.before === null || now.before === null) return ''
  const passed = [1_000, 100, 10, 0].some((mark) => (before.before ?? 0) > mark && (now.before ?? 0) <= mark)
  return passed ? head : ''
}
