export { accounts, type Sale } from './posting.ts'
export { createLedger, type Ledger } from './service.ts'
export type { Balance } from './store.pg.ts'
