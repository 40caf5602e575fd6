import type { ProductSummary, Show } from '@livelot/client/contracts'
import { CalendarPlus, Radio } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Badge, LiveBadge } from '../../parts/badge.tsx'
import { Button, ButtonLink } from '../../parts/button.tsx'
import { TextArea, TextField } from '../../parts/field.tsx'
import { formatWhen } from '../../parts/figures.ts'
import type { Loadable } from '../../parts/loadable.ts'
import { Picture } from '../../parts/picture.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { EmptyState, ErrorState, Loading, Skeleton } from '../../parts/states.tsx'
import './studio-home.css'

export type ShowDraft = { title: string; teaser: string; startsAtMs: number; productIds: string[] }

type StudioHomeProps = {
  shows: Loadable<Show[]>
  products: Loadable<ProductSummary[]>
  onCreate: (draft: ShowDraft) => Promise<string | null>
}

const order = { live: 0, scheduled: 1, ended: 2 } as const

export function StudioHomeView({ shows, products, onCreate }: StudioHomeProps) {
  const [planning, setPlanning] = useState(false)
  const planButton = (
    <Button tone="live" icon={<CalendarPlus aria-hidden="true" />} onClick={() => setPlanning(true)}>
      Plan a show
    </Button>
  )
  return (
    <div className="page studio-home">
      <div className="studio-home-head">
        <h1>Your shows</h1>
        {planButton}
      </div>
      <ShowRows shows={shows} />
      <Sheet open={planning} onClose={() => setPlanning(false)} title="Plan a show" shape="drawer">
        <ShowForm products={products} onCreate={onCreate} />
      </Sheet>
    </div>
  )
}

function ShowRows({ shows }: Pick<StudioHomeProps, 'shows'>) {
  if (shows.status === 'failed') return <ErrorState message={shows.message} onRetry={shows.retry} />
  if (shows.status === 'loading')
    return (
      <Loading label="Loading your shows" className="studio-rows">
        <Skeleton shape="title" />
        <Skeleton />
        <Skeleton />
      </Loading>
    )
  if (shows.data.length === 0)
    return (
      <EmptyState icon={<Radio aria-hidden="true" />} title="No shows yet">
        Plan the first one: a title, a time and what you will sell. You go live from this browser.
      </EmptyState>
    )
  const sorted = [...shows.data].sort((one, two) => order[one.state] - order[two.state])
  return (
    <ul className="studio-rows">
      {sorted.map((show) => (
        <li key={show.showId} className="studio-row">
          <Picture src={show.coverUrl} alt="" />
          <div>
            <h2>{show.title}</h2>
            <p>{formatWhen(show.startedAtMs ?? show.startsAtMs)}</p>
          </div>
          {show.state === 'live' && <LiveBadge label="Room open" />}
          {show.state === 'scheduled' && <Badge tone="upcoming">Planned</Badge>}
          {show.state === 'ended' && <Badge>Ended</Badge>}
          <ButtonLink to={`/studio/${show.showId}`} tone="outline" aria-label={`Open the studio of ${show.title}`}>
            {show.state === 'ended' ? 'Results' : 'Open'}
          </ButtonLink>
        </li>
      ))}
    </ul>
  )
}

const HOUR_MS = 3_600_000

/** The value of a datetime-local box is the device's own time, without a zone. */
function localInputValue(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

function ShowForm({ products, onCreate }: Pick<StudioHomeProps, 'products' | 'onCreate'>) {
  const [title, setTitle] = useState('')
  const [teaser, setTeaser] = useState('')
  const [startsAt, setStartsAt] = useState(() => localInputValue(Date.now() + HOUR_MS))
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [titleProblem, setTitleProblem] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [saving, setSaving] = useState(false)

  const create = async (event: FormEvent) => {
    event.preventDefault()
    const startsAtMs = new Date(startsAt).getTime()
    setTitleProblem(title.trim().length < 3 ? 'At least three letters.' : null)
    if (title.trim().length < 3) return
    if (Number.isNaN(startsAtMs)) return setProblem('Choose a date and a time.')
    setSaving(true)
    setProblem(await onCreate({ title: title.trim(), teaser: teaser.trim(), startsAtMs, productIds: [...chosen] }))
    setSaving(false)
  }

  return (
    <form className="show-form" onSubmit={create} noValidate>
      <TextField
        label="Title"
        value={title}
        maxLength={80}
        error={titleProblem}
        onChange={(event) => setTitle(event.target.value)}
      />
      <TextArea
        label="Teaser"
        hint="One or two sentences that say why to be there."
        value={teaser}
        maxLength={240}
        rows={3}
        onChange={(event) => setTeaser(event.target.value)}
      />
      <TextField
        label="Starts"
        type="datetime-local"
        value={startsAt}
        onChange={(event) => setStartsAt(event.target.value)}
      />
      <ShelfChoice products={products} chosen={chosen} onChoose={setChosen} />
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <Button type="submit" tone="live" size="l" wide busy={saving}>
        Plan it
      </Button>
    </form>
  )
}

type ShelfChoiceProps = Pick<StudioHomeProps, 'products'> & {
  chosen: readonly string[]
  onChoose: (productIds: readonly string[]) => void
}

function ShelfChoice({ products, chosen, onChoose }: ShelfChoiceProps) {
  const choose = (productId: string, isOn: boolean) =>
    onChoose(isOn ? [...chosen, productId] : chosen.filter((one) => one !== productId))
  return (
    <fieldset className="show-form-products">
      <legend className="field-label">Shelf</legend>
      {products.status === 'loading' && <Skeleton />}
      {products.status === 'failed' && <p className="field-error">{products.message}</p>}
      {products.status === 'ready' &&
        products.data.map((product) => (
          <label key={product.productId}>
            <input
              type="checkbox"
              checked={chosen.includes(product.productId)}
              onChange={(event) => choose(product.productId, event.target.checked)}
            />
            <Picture src={product.pictureUrl} alt="" />
            <span>{product.name}</span>
          </label>
        ))}
    </fieldset>
  )
}
