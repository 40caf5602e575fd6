export { accounts, type Sale } from './posting.ts'
export { createLedger, type Ledger } from './service.ts'
export { type Balance, postingPart } from './store.pg.ts'
