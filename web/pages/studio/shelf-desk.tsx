import { ArrowDown, ArrowUp, Pin, PinOff, Plus, Trash2, Zap } from 'lucide-react'
import { useState } from 'react'
import { Button, IconButton } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import { Menu } from '../../parts/menu.tsx'
import { Picture } from '../../parts/picture.tsx'
import { Price } from '../../parts/price.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { EmptyState, ErrorState, Loading, Skeleton } from '../../parts/states.tsx'
import type { StudioModel } from './studio-model.ts'
import './shelf-desk.css'

type ShelfDeskProps = { model: StudioModel; onSale: (productId: string) => void }

export function ShelfDesk({ model, onSale }: ShelfDeskProps) {
  const [adding, setAdding] = useState(false)
  const { room, actions } = model
  const ids = room.shelf.map((item) => item.productId as string)
  const addButton = (
    <Button tone="outline" icon={<Plus aria-hidden="true" />} onClick={() => setAdding(true)}>
      Add products
    </Button>
  )
  return (
    <div className="shelf-desk">
      {room.shelf.length === 0 ? (
        <EmptyState title="An empty shelf" action={addButton}>
          Put the products of this show here. Then one tap pins them for every viewer.
        </EmptyState>
      ) : (
        <ul className="shelf-desk-list">
          {room.shelf.map((item, place) => (
            <ShelfDeskRow key={item.productId} model={model} ids={ids} place={place} onSale={onSale} />
          ))}
        </ul>
      )}
      {room.shelf.length > 0 && <div>{addButton}</div>}
      <Sheet open={adding} onClose={() => setAdding(false)} title="Add products" shape="drawer">
        <ProductPicker model={model} chosen={ids} onChoose={(productId) => actions.setShelf([...ids, productId])} />
      </Sheet>
    </div>
  )
}

type RowProps = { model: StudioModel; ids: string[]; place: number; onSale: (productId: string) => void }

function ShelfDeskRow({ model, ids, place, onSale }: RowProps) {
  const { room, actions } = model
  const item = room.shelf[place]
  if (!item) return null
  const pinned = item.productId === room.pinnedProductId
  const moved = (step: number) => {
    const next = ids.filter((id) => id !== item.productId)
    next.splice(place + step, 0, item.productId)
    actions.setShelf(next)
  }
  const moveItems = [
    ...(place > 0 ? [{ label: 'Move up', icon: <ArrowUp aria-hidden="true" />, onSelect: () => moved(-1) }] : []),
    ...(place < ids.length - 1
      ? [{ label: 'Move down', icon: <ArrowDown aria-hidden="true" />, onSelect: () => moved(1) }]
      : []),
    {
      label: 'Take off the shelf',
      icon: <Trash2 aria-hidden="true" />,
      danger: true,
      onSelect: () => actions.setShelf(ids.filter((id) => id !== item.productId)),
    },
  ]
  return (
    <li className={pinned ? 'shelf-desk-row shelf-desk-pinned' : 'shelf-desk-row'}>
      <Picture src={item.pictureUrl} alt="" />
      <div className="shelf-desk-words">
        <h3>{item.name}</h3>
        <p>
          <Price price={item.price} size="s" /> <span>{item.availableUnits.toLocaleString('en-US')} in stock</span>
        </p>
      </div>
      <div className="shelf-desk-acts">
        <IconButton
          label={pinned ? `Unpin ${item.name}` : `Pin ${item.name} for all viewers`}
          pressed={pinned}
          onClick={() => actions.pin(pinned ? null : item.productId)}
        >
          {pinned ? <PinOff aria-hidden="true" /> : <Pin aria-hidden="true" />}
        </IconButton>
        <IconButton label={`Flash sale of ${item.name}`} onClick={() => onSale(item.productId)}>
          <Zap aria-hidden="true" />
        </IconButton>
        <Menu
          label={`More for ${item.name}`}
          trigger="⋯"
          triggerClassName="icon-button icon-button-plain"
          items={moveItems}
        />
      </div>
    </li>
  )
}

type PickerProps = { model: StudioModel; chosen: readonly string[]; onChoose: (productId: string) => void }

function ProductPicker({ model, chosen, onChoose }: PickerProps) {
  const [query, setQuery] = useState('')
  const { products } = model
  if (products.status === 'failed') return <ErrorState message={products.message} onRetry={products.retry} />
  if (products.status === 'loading')
    return (
      <Loading label="Loading products">
        <Skeleton />
        <Skeleton />
        <Skeleton />
      </Loading>
    )
  const words = query.trim().toLowerCase()
  const matching = products.data.filter((product) =>
    `${product.name} ${product.brandName}`.toLowerCase().includes(words),
  )
  return (
    <div className="shelf-desk">
      <TextField
        label="Find a product"
        labelHidden
        type="search"
        placeholder="Find a product"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      <ul className="shelf-desk-list">
        {matching.map((product) => {
          const there = chosen.includes(product.productId)
          return (
            <li key={product.productId} className="shelf-desk-row">
              <Picture src={product.pictureUrl} alt="" />
              <div className="shelf-desk-words">
                <h3>{product.name}</h3>
                <p>
                  {product.brandName} · <Price price={product.fromPrice} size="s" />
                </p>
              </div>
              <Button
                tone="outline"
                size="s"
                disabled={there}
                aria-label={`Add ${product.name}`}
                onClick={() => onChoose(product.productId)}
              >
                {there ? 'Added' : 'Add'}
              </Button>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
