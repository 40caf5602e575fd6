import {
  type FlashSale,
  flashSaleLimits,
  type ShelfItem,
  type Variant,
  type WaitingRoom,
} from '@livelot/client/contracts'
import { Zap } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../parts/button.tsx'
import { Countdown } from '../../parts/countdown.tsx'
import { ChoiceField, SelectField, TextField } from '../../parts/field.tsx'
import { Price } from '../../parts/price.tsx'
import { StockBar } from '../../parts/stock-bar.tsx'
import {
  countdownPresets,
  newSaleForm,
  orderChoices,
  runPresets,
  type SaleForm,
  saleDraftOf,
  saleSummary,
} from './sale-form.ts'
import type { StudioModel } from './studio-model.ts'
import './sale-desk.css'

type SaleDeskProps = { model: StudioModel; productId: string | null; onProduct: (productId: string | null) => void }

export function SaleDesk({ model, productId, onProduct }: SaleDeskProps) {
  const { room, actions } = model
  const running = room.sales.filter((sale) => sale.state !== 'closed')
  const over = room.sales.filter((sale) => sale.state === 'closed')
  const chosen = room.shelf.find((item) => item.productId === productId) ?? room.shelf[0]
  return (
    <div className="sale-desk">
      {running.map((sale) => (
        <RunningSale
          key={sale.flashSaleId}
          sale={sale}
          line={room.waitingRooms.find((one) => one.flashSaleId === sale.flashSaleId)}
          onClose={() => actions.closeSale(sale)}
        />
      ))}
      {chosen ? (
        <SaleComposer key={chosen.productId} model={model} item={chosen} onProduct={onProduct} />
      ) : (
        <p className="sale-desk-note">Put a product on the shelf first. Flash sales are made from the shelf.</p>
      )}
      {over.length > 0 && (
        <section className="sale-over" aria-label="Sales that are over">
          <h3>Over</h3>
          <ul>
            {over.map((sale) => (
              <li key={sale.flashSaleId}>
                <span>{sale.productName}</span>
                <span className="figures">
                  {sale.soldUnits} of {sale.totalUnits} sold
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

type RunningSaleProps = { sale: FlashSale; line: WaitingRoom | undefined; onClose: () => void }

function RunningSale({ sale, line, onClose }: RunningSaleProps) {
  const heldUnits = sale.totalUnits - sale.remainingUnits - sale.soldUnits
  return (
    <article className="sale-running" data-state={sale.state}>
      <header>
        <h3>{sale.productName}</h3>
        {sale.state === 'scheduled' ? (
          <Countdown endsAtMs={sale.opensAtMs} label="Opens in" />
        ) : (
          <Countdown endsAtMs={sale.closesAtMs} label="Ends in" />
        )}
      </header>
      <Price price={sale.salePrice} compareAt={sale.priorPrice} />
      <StockBar leftUnits={sale.remainingUnits} totalUnits={sale.totalUnits} heldUnits={heldUnits} />
      <footer>
        <p className="figures">
          {sale.soldUnits} sold, {heldUnits} held
          {sale.waitingRoom && `, ${(line?.waitingCount ?? 0).toLocaleString('en-US')} in line`}
        </p>
        <Button tone="danger" size="s" onClick={onClose}>
          End now
        </Button>
      </footer>
    </article>
  )
}

type ComposerProps = { model: StudioModel; item: ShelfItem; onProduct: (productId: string) => void }

function SaleComposer({ model, item, onProduct }: ComposerProps) {
  const { room, variantsOf, actions } = model
  const variants = variantsOf(item.productId)
  const list = variants.status === 'ready' ? variants.data : []
  const [form, setForm] = useState<SaleForm>(newSaleForm)
  const [problems, setProblems] = useState<Partial<Record<keyof SaleForm, string>>>({})
  const [problem, setProblem] = useState<string | null>(null)
  const [starting, setStarting] = useState(false)
  const variant = list.find((one) => one.variantId === form.variantId) ?? list[0]
  const change = (part: Partial<SaleForm>) => setForm((before) => ({ ...before, ...part }))

  const start = async (event: FormEvent) => {
    event.preventDefault()
    const checked = saleDraftOf(form, variant)
    setProblems(checked.ok ? {} : checked.problems)
    if (!checked.ok || starting) return
    setStarting(true)
    const refused = await actions.startSale(checked.draft)
    setStarting(false)
    setProblem(refused)
    if (refused === null) change({ price: '' })
  }

  return (
    <form className="sale-form" onSubmit={start} noValidate aria-label="New flash sale">
      <SelectField label="Product" value={item.productId} onChange={(event) => onProduct(event.target.value)}>
        {room.shelf.map((one) => (
          <option key={one.productId} value={one.productId}>
            {one.name}
          </option>
        ))}
      </SelectField>
      {list.length > 1 && (
        <VariantField list={list} variant={variant} onChange={(variantId) => change({ variantId })} />
      )}
      <SaleNumbers form={form} problems={problems} variant={variant} onChange={change} />
      <ChoiceField
        legend="Countdown before it opens"
        value={form.countdownSeconds}
        options={countdownPresets}
        onChange={(countdownSeconds) => change({ countdownSeconds })}
      />
      <ChoiceField
        legend="Runs for"
        value={form.runSeconds}
        options={runPresets}
        onChange={(runSeconds) => change({ runSeconds })}
      />
      <ChoiceField
        legend="When more people come than there are units"
        value={form.order}
        options={orderChoices}
        onChange={(order) => change({ order })}
      />
      {form.order === 'line' && (
        <p className="sale-desk-note">
          Who comes before it opens is drawn by lot, who comes later stands behind. People are called as units are free.
        </p>
      )}
      <p className="sale-desk-note">{saleSummary(form, variant)}</p>
      {variants.status === 'failed' && <p className="field-error">{variants.message}</p>}
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <Button
        type="submit"
        tone="live"
        size="l"
        wide
        icon={<Zap aria-hidden="true" />}
        busy={starting}
        disabled={!variant || room.show.state === 'ended'}
      >
        Announce the sale
      </Button>
      <PriceNote />
    </form>
  )
}

type SaleNumbersProps = {
  form: SaleForm
  problems: Partial<Record<keyof SaleForm, string>>
  variant: Variant | undefined
  onChange: (part: Partial<SaleForm>) => void
}

function SaleNumbers({ form, problems, variant, onChange }: SaleNumbersProps) {
  return (
    <div className="sale-numbers">
      <TextField
        label="Sale price"
        inputMode="decimal"
        placeholder={variant ? (variant.price.amountMinor / 100).toFixed(2) : ''}
        value={form.price}
        error={problems.price}
        onChange={(event) => onChange({ price: event.target.value })}
      />
      <TextField
        label="Units"
        inputMode="numeric"
        value={form.units}
        error={problems.units}
        onChange={(event) => onChange({ units: event.target.value })}
      />
      <TextField
        label="Per buyer"
        inputMode="numeric"
        value={form.perBuyer}
        error={problems.perBuyer}
        onChange={(event) => onChange({ perBuyer: event.target.value })}
      />
    </div>
  )
}

type VariantFieldProps = {
  list: readonly Variant[]
  variant: Variant | undefined
  onChange: (variantId: string) => void
}

function VariantField({ list, variant, onChange }: VariantFieldProps) {
  return (
    <SelectField label="Variant" value={variant?.variantId ?? ''} onChange={(event) => onChange(event.target.value)}>
      {list.map((one) => (
        <option key={one.variantId} value={one.variantId}>
          {one.name} ({one.availableUnits} in stock)
        </option>
      ))}
    </SelectField>
  )
}

function PriceNote() {
  return (
    <p className="sale-desk-note">
      Viewers see it beside the lowest price of the last 30 days, taken from recorded history. At most{' '}
      {flashSaleLimits.unitsMax.toLocaleString('en-US')} units.
    </p>
  )
}
