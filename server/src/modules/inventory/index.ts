export { createInventory, type Inventory } from './service.ts'
export type { Claim } from './stock.ts'
