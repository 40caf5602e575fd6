import type { Address, Role } from '@livelot/client/contracts'

/** One password for all demo accounts; they exist in embedded mode only. */
export const demoPassword = 'livelot demo'

export interface DemoPerson {
  readonly key: string
  readonly who: string
  readonly email: string
  readonly displayName: string
  readonly roles: readonly Role[]
  readonly address: Address | null
  readonly hasCard: boolean
}

const homes: readonly Address[] = [
  { name: 'Ada Fern', line1: '48 Orchard Street', city: 'Portland', region: 'OR', postalCode: '97205', country: 'US' },
  {
    name: 'Ben Okoye',
    line1: '210 Mission Street',
    city: 'San Francisco',
    region: 'CA',
    postalCode: '94105',
    country: 'US',
  },
]

/** Creators' keys are those of the demo creators. */
export const demoPeople: readonly DemoPerson[] = [
  {
    key: 'ada',
    who: 'buyer',
    email: 'ada@demo.livelot',
    displayName: 'Ada',
    roles: [],
    address: homes[0] ?? null,
    hasCard: true,
  },
  {
    key: 'ben',
    who: 'buyer',
    email: 'ben@demo.livelot',
    displayName: 'Ben',
    roles: [],
    address: homes[1] ?? null,
    hasCard: true,
  },
  {
    key: 'mara',
    who: 'creator',
    email: 'mara@demo.livelot',
    displayName: 'Mara',
    roles: ['creator'],
    address: null,
    hasCard: false,
  },
  {
    key: 'teo',
    who: 'creator',
    email: 'teo@demo.livelot',
    displayName: 'Teo',
    roles: ['creator'],
    address: null,
    hasCard: false,
  },
  {
    key: 'seller',
    who: 'seller of all three brands',
    email: 'seller@demo.livelot',
    displayName: 'Noor',
    roles: ['seller'],
    address: null,
    hasCard: false,
  },
  {
    key: 'operator',
    who: 'operator',
    email: 'operator@demo.livelot',
    displayName: 'Operator',
    roles: ['operator'],
    address: null,
    hasCard: false,
  },
]
