import type { Address } from '@livelot/client/contracts'
import { MapPin } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../parts/button.tsx'
import { AddressForm } from './address-form.tsx'
import './delivery-address.css'

type DeliveryAddressProps = {
  /** Of the heading, which names the section. */
  id: string
  title: string
  address: Address | null
  /** Answers what is wrong with it; null where it was saved. */
  onSave: (address: Address) => Promise<string | null>
}

/** Where something is sent: the saved address with a way to change it, or the form where there is none. */
export function DeliveryAddress({ id, title, address, onSave }: DeliveryAddressProps) {
  const [editing, setEditing] = useState(false)
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className="sheet-heading">
        {title}
      </h3>
      {address && !editing ? (
        <div className="delivery-address">
          <MapPin aria-hidden="true" />
          <p>
            <strong>{address.name}</strong>
            <br />
            {address.line1}, {address.city} {address.postalCode}, {address.country}
          </p>
          <Button tone="ghost" size="s" onClick={() => setEditing(true)}>
            Change
          </Button>
        </div>
      ) : (
        <AddressForm
          address={address}
          onSave={async (next) => {
            const problem = await onSave(next)
            if (problem === null) setEditing(false)
            return problem
          }}
          onCancel={address ? () => setEditing(false) : undefined}
        />
      )}
    </section>
  )
}
