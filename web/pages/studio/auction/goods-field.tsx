import type { ProductSummary } from '@livelot/client/contracts'
import { X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useState } from 'react'
import { IconButton } from '../../../parts/button.tsx'
import { TextField } from '../../../parts/field.tsx'
import { Picture } from '../../../parts/picture.tsx'
import { Price } from '../../../parts/price.tsx'
import type { LotForm } from './lot-form.ts'
import './goods-field.css'

const SUGGESTIONS_MAX = 6

type GoodsFieldProps = {
  form: LotForm
  error: string | undefined
  /** Products of the shelf first. */
  products: readonly ProductSummary[]
  onChange: (part: Partial<LotForm>) => void
}

function suggestionsFor(words: string, products: readonly ProductSummary[]): ProductSummary[] {
  const wanted = words.trim().toLowerCase()
  if (wanted === '') return products.slice(0, SUGGESTIONS_MAX)
  return products
    .filter((product) => `${product.name} ${product.brandName}`.toLowerCase().includes(wanted))
    .slice(0, SUGGESTIONS_MAX)
}

/** What is sold: a title as it is typed, or a product that matches it. */
export function GoodsField({ form, error, products, onChange }: GoodsFieldProps) {
  const listId = useId()
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const suggestions = suggestionsFor(form.title, products)
  useEffect(() => {
    if (active >= 0) document.getElementById(`${listId}-${active}`)?.scrollIntoView({ block: 'nearest' })
  }, [active, listId])

  if (form.product)
    return (
      <ChosenProduct product={form.product} onClear={() => onChange({ product: null, variantId: '', title: '' })} />
    )

  const choose = (product: ProductSummary) => {
    setOpen(false)
    onChange({ product, variantId: '', title: product.name })
  }
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const chosen = open ? suggestions[active] : undefined
    if (step !== 0 && suggestions.length > 0) {
      event.preventDefault()
      setActive(open ? (active + step + suggestions.length) % suggestions.length : 0)
      setOpen(true)
    } else if (event.key === 'Enter' && chosen) {
      event.preventDefault()
      choose(chosen)
    } else if (event.key === 'Escape' && open) {
      event.preventDefault()
      setOpen(false)
    }
  }
  const shown = open && suggestions.length > 0
  return (
    <div className="goods">
      <TextField
        label="What is it"
        placeholder="A title, or find a product"
        role="combobox"
        autoComplete="off"
        maxLength={80}
        aria-expanded={shown}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={shown && active >= 0 ? `${listId}-${active}` : undefined}
        value={form.title}
        error={error}
        onKeyDown={move}
        onBlur={() => setOpen(false)}
        onClick={() => setOpen(true)}
        onChange={(event) => {
          setActive(-1)
          setOpen(true)
          onChange({ title: event.target.value })
        }}
      />
      <div className="goods-list" id={listId} role="listbox" aria-label="Products" hidden={!shown}>
        {suggestions.map((product, place) => (
          // biome-ignore lint/a11y: the keys of an option are those of the box above.
          <div
            key={product.productId}
            id={`${listId}-${place}`}
            className="goods-option"
            role="option"
            aria-selected={place === active}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(product)}
          >
            <Picture src={product.pictureUrl} alt="" />
            <span>{product.name}</span>
            <Price price={product.fromPrice} size="s" from />
          </div>
        ))}
      </div>
    </div>
  )
}

function ChosenProduct({ product, onClear }: { product: ProductSummary; onClear: () => void }) {
  return (
    <div className="goods">
      <span className="field-label">What is it</span>
      <div className="goods-chosen">
        <Picture src={product.pictureUrl} alt="" />
        <strong>{product.name}</strong>
        <IconButton label={`Another thing than ${product.name}`} onClick={onClear}>
          <X aria-hidden="true" />
        </IconButton>
      </div>
    </div>
  )
}
