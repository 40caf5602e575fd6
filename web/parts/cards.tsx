import type { ProductSummary, Show } from '@livelot/client/contracts'
import { Eye } from 'lucide-react'
import { Link } from 'react-router'
import { Avatar } from './avatar.tsx'
import { Badge, LiveBadge } from './badge.tsx'
import { formatViewers, formatWhen } from './figures.ts'
import { Picture } from './picture.tsx'
import { Price } from './price.tsx'
import './cards.css'

export function ProductCard({ product }: { product: ProductSummary }) {
  const gone = product.availableUnits === 0
  return (
    <article className="product-card">
      <div className="product-card-picture">
        <Picture src={product.pictureUrl} alt="" />
        {gone && <span className="product-card-gone">Sold out</span>}
      </div>
      <p className="product-card-brand">{product.brandName}</p>
      <h3 className="product-card-name">
        <Link to={`/products/${product.productId}`} className="card-link">
          {product.name}
        </Link>
      </h3>
      <Price price={product.fromPrice} />
    </article>
  )
}

type ShowCardProps = { show: Show; feature?: boolean }

/** A feature card is the first one of the page: as wide as the page, with the cover as its stage. */
export function ShowCard({ show, feature }: ShowCardProps) {
  const live = show.state === 'live'
  return (
    <article className={feature ? 'show-card show-card-feature' : 'show-card'}>
      <Picture src={show.coverUrl} alt="" shape="poster" eager={feature} className="show-card-cover" />
      <div className="show-card-top">
        {live ? <LiveBadge /> : <Badge tone="upcoming">{formatWhen(show.startsAtMs)}</Badge>}
        {live && (
          <span className="show-card-viewers figures">
            <Eye aria-hidden="true" />
            {formatViewers(show.viewerCount)}
            <span className="visually-hidden"> watching</span>
          </span>
        )}
      </div>
      <div className="show-card-words">
        <h3 className="show-card-title">
          <Link to={`/shows/${show.showId}`} className="card-link">
            {show.title}
          </Link>
        </h3>
        {feature && <p className="show-card-teaser">{show.teaser}</p>}
        <p className="show-card-host">
          <Avatar name={show.creator.displayName} pictureUrl={show.creator.pictureUrl} size="s" />
          {show.creator.displayName}
        </p>
      </div>
    </article>
  )
}
