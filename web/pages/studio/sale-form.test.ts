import type { Variant } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { parsePriceMinor, type SaleForm, saleDraftOf, saleSummary } from './sale-form.ts'

const variant = {
  variantId: '7c1f6b5e-7f5e-4a58-9d59-6d7e4f5a6b7c',
  sku: 'MC-TEAPOT',
  name: 'Vermilion',
  price: { amountMinor: 8900, currency: 'USD' },
  availableUnits: 40,
} as Variant

const form: SaleForm = {
  variantId: '',
  price: '59',
  units: '20',
  perBuyer: '1',
  countdownSeconds: 30,
  runSeconds: 300,
  order: 'fastest',
}

describe('a price that was typed', () => {
  it.each([
    ['48', 4800],
    ['48.5', 4850],
    ['48,50', 4850],
    [' $48.50 ', 4850],
    ['0.29', 29],
    ['1.15', 115],
  ])('reads %j as %i minor units', (text, minor) => {
    expect(parsePriceMinor(text)).toBe(minor)
  })

  it.each(['', 'free', '-5', '1.999', '1e3', '12345678'])('does not read %j', (text) => {
    expect(parsePriceMinor(text)).toBeNull()
  })
})

describe('the draft of a flash sale', () => {
  it('is ready when every box is right', () => {
    expect(saleDraftOf(form, variant)).toEqual({
      ok: true,
      draft: {
        variantId: variant.variantId,
        salePriceMinor: 5900,
        totalUnits: 20,
        perBuyerLimit: 1,
        countdownSeconds: 30,
        runSeconds: 300,
        waitingRoom: false,
      },
    })
  })

  it('has a waiting room where the host wants one', () => {
    expect(saleDraftOf({ ...form, order: 'line' }, variant)).toMatchObject({ draft: { waitingRoom: true } })
  })

  it('names each box that is wrong', () => {
    expect(saleDraftOf({ ...form, price: '', units: '41', perBuyer: '0' }, variant)).toEqual({
      ok: false,
      problems: { price: 'A price, like 48.00.', units: '1 to 40.', perBuyer: '1 to 20.' },
    })
  })

  it('refuses a sale price that is no reduction', () => {
    expect(saleDraftOf({ ...form, price: '89' }, variant)).toEqual({
      ok: false,
      problems: { price: 'Below the usual price.' },
    })
  })

  it('says in one sentence what the button will do', () => {
    expect(saleSummary({ ...form, units: '1' }, variant)).toBe(
      'Opens 30 s after you press, runs 5 min: 1 unit at $59.00, 33% off.',
    )
  })
})
