export type { ClaimAnswer, HoldClaim } from './claims.pg.ts'
export { createFlashSales, type FlashSales, type FlashSalesOptions } from './flash-sales.ts'
export type { HeldUnits, HoldOfBuyer, HoldService } from './holds.ts'
export type { SaleCatalog, SaleService, SaleShows } from './service.ts'
