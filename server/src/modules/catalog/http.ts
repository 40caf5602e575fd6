import { getProduct, listProducts } from '@livelot/client/contracts'
import { type Route, route } from '#kernel/route'
import type { CatalogService } from './service.ts'

export function catalogRoutes(service: CatalogService): Route[] {
  return [
    route(listProducts, (request) => service.listProducts(request)),
    route(getProduct, (request) => service.getProduct(request)),
  ]
}
