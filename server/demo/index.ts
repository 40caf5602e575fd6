import type { DemoProduct } from './demo-types.ts'
import { homeProducts } from './products-home.ts'
import { soundProducts } from './products-sound.ts'
import { woolProducts } from './products-wool.ts'

export { demoBrands, demoCreators, demoShows } from './brands.ts'
export type { DemoBrand, DemoCreator, DemoFormerPrice, DemoProduct, DemoShow, DemoVariant } from './demo-types.ts'
export { demoLots } from './lots.ts'

export const demoProducts: readonly DemoProduct[] = [...homeProducts, ...woolProducts, ...soundProducts]

/** Where the pictures named above lie; the API serves this folder under /media-files. */
export const demoPicturesUrl = new URL('./pictures/', import.meta.url)
