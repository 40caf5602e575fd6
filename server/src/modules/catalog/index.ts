export type { VariantRecord } from './product.ts'
export type { CatalogService } from './service.ts'
