import type { ProductSummary, Show } from '@livelot/client/contracts'
import { Radio } from 'lucide-react'
import { Link } from 'react-router'
import { ShowCard } from '../../parts/cards.tsx'
import { formatWhen } from '../../parts/figures.ts'
import type { Loadable } from '../../parts/loadable.ts'
import { ProductGrid } from '../../parts/product-grid.tsx'
import { EmptyState, ErrorState, Loading, Skeleton } from '../../parts/states.tsx'
import { RunningOrder } from './running-order.tsx'
import './home.css'

type HomeViewProps = {
  live: Loadable<Show[]>
  upcoming: Loadable<Show[]>
  products: Loadable<ProductSummary[]>
}

export function HomeView({ live, upcoming, products }: HomeViewProps) {
  return (
    <div className="page home">
      <section aria-labelledby="home-live">
        <div className="home-mast">
          <h1 id="home-live">
            <LiveHeadline live={live} upcoming={upcoming} />
          </h1>
          <p>Watch it shown, ask the person selling it, and buy it while it is in their hands.</p>
        </div>
        <LiveShows live={live} />
      </section>

      <section className="section" aria-labelledby="home-upcoming">
        <div className="section-head">
          <h2 id="home-upcoming">Running order</h2>
          <p className="section-note">In your own time zone</p>
        </div>
        <RunningOrder upcoming={upcoming} />
      </section>

      <section className="section" aria-labelledby="home-products">
        <div className="section-head">
          <h2 id="home-products">From the shelf</h2>
          <Link to="/products">See everything</Link>
        </div>
        <ProductGrid products={products} empty={<EmptyState title="The shelf is empty">No products yet.</EmptyState>} />
      </section>
    </div>
  )
}

function LiveHeadline({ live, upcoming }: Pick<HomeViewProps, 'live' | 'upcoming'>) {
  if (live.status !== 'ready') return <>On air</>
  if (live.data.length === 1) return <>One show on air</>
  if (live.data.length > 1) return <>{live.data.length} shows on air</>
  const next = upcoming.status === 'ready' ? upcoming.data[0] : undefined
  return next ? <>Off air. Back {formatWhen(next.startsAtMs).replace('T', 't')}</> : <>Off air</>
}

function LiveShows({ live }: Pick<HomeViewProps, 'live'>) {
  if (live.status === 'failed') return <ErrorState message={live.message} onRetry={live.retry} />
  if (live.status === 'loading')
    return (
      <Loading label="Loading live shows">
        <Skeleton shape="block" className="home-feature-skeleton" />
      </Loading>
    )
  const [first, ...others] = live.data
  if (!first)
    return (
      <EmptyState icon={<Radio aria-hidden="true" />} title="No one is live right now">
        The running order below says who is next. The shop is open all day.
      </EmptyState>
    )
  return (
    <div className="home-live">
      <ShowCard show={first} feature />
      {others.length > 0 && (
        <ul className="home-others">
          {others.map((show) => (
            <li key={show.showId}>
              <ShowCard show={show} />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
