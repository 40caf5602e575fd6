const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })
const weekdayTime = new Intl.DateTimeFormat('en-US', { weekday: 'short', hour: 'numeric', minute: '2-digit' })
const dayTime = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' })
const clockTime = new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit' })
const fullDate = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short' })

const weekday = new Intl.DateTimeFormat('en-US', { weekday: 'long' })
const monthDay = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric' })

const DAY_MS = 86_400_000

/** "1.2K". */
export function formatViewers(count: number): string {
  return compact.format(count)
}

/** Whole calendar days from now, in the viewer's time zone. */
function daysAhead(atMs: number, nowMs: number): number {
  const startOfDay = (ms: number) => new Date(ms).setHours(0, 0, 0, 0)
  // Rounded, because days around a change of the clocks have 23 or 25 hours.
  return Math.round((startOfDay(atMs) - startOfDay(nowMs)) / DAY_MS)
}

/** "Today", "Tomorrow", "Thursday" within a week, "Dec 14" later. */
export function formatDay(atMs: number, nowMs: number = Date.now()): string {
  const day = daysAhead(atMs, nowMs)
  if (day === 0) return 'Today'
  if (day === 1) return 'Tomorrow'
  return day > 1 && day < 7 ? weekday.format(atMs) : monthDay.format(atMs)
}

/** "Today, 7:30 PM", "Tomorrow, 7:30 PM", "Thu 7:30 PM" within a week, "Dec 14, 7:30 PM" later. */
export function formatWhen(atMs: number, nowMs: number = Date.now()): string {
  const day = daysAhead(atMs, nowMs)
  if (day === 0) return `Today, ${clockTime.format(atMs)}`
  if (day === 1) return `Tomorrow, ${clockTime.format(atMs)}`
  if (day > 1 && day < 7) return weekdayTime.format(atMs)
  return dayTime.format(atMs)
}

export function formatClock(atMs: number): string {
  return clockTime.format(atMs)
}

export function formatMoment(atMs: number): string {
  return fullDate.format(atMs)
}

/** "3 units", "1 unit". */
export function formatUnits(units: number): string {
  return `${units.toLocaleString('en-US')} ${units === 1 ? 'unit' : 'units'}`
}
