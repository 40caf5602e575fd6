import { z } from 'zod'
import { OperationId, ProductId, ShowId } from './ids.ts'
import { Money } from './money.ts'
import { operation } from './operation.ts'
import { PageRequest, pageOf } from './page.ts'
import { CreatorProfile } from './profiles.ts'
import { hiddenSentence, oneVisibleLine } from './text.ts'
import { EpochMs } from './time.ts'

export const ShowState = z.enum(['scheduled', 'live', 'ended'])
export type ShowState = z.infer<typeof ShowState>

export const Show = z.strictObject({
  showId: ShowId,
  title: z.string(),
  teaser: z.string(),
  coverUrl: z.string(),
  state: ShowState,
  creator: CreatorProfile,
  startsAtMs: EpochMs,
  startedAtMs: EpochMs.nullable(),
  endedAtMs: EpochMs.nullable(),
  /** Viewers now, over all API processes; 0 unless live. */
  viewerCount: z.int().min(0),
})
export type Show = z.infer<typeof Show>

export const ShelfItem = z.strictObject({
  productId: ProductId,
  name: z.string(),
  brandName: z.string(),
  pictureUrl: z.string(),
  price: Money,
  availableUnits: z.int().min(0),
})
export type ShelfItem = z.infer<typeof ShelfItem>

const Title = z.string().trim().min(3).max(80).regex(oneVisibleLine, hiddenSentence)
const Teaser = z.string().trim().max(240)
const ownShowErrors = ['show.not_found', 'show.wrong_state'] as const

export const listShows = operation({
  name: 'show:list',
  summary: 'Shows of one state: live by viewers, scheduled by start, ended by end.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/shows' },
  request: z.strictObject({ ...PageRequest, state: ShowState.default('live') }),
  response: pageOf(Show),
  errors: [],
})

export const getShow = operation({
  name: 'show:get',
  summary: 'One show.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/shows/{showId}' },
  request: z.strictObject({ showId: ShowId }),
  response: Show,
  errors: ['show.not_found'],
})

export const listMyShows = operation({
  name: 'show:list-mine',
  summary: 'Shows of the calling creator, newest first.',
  access: ['creator'],
  http: { method: 'get', path: '/v1/me/shows' },
  request: z.strictObject({}),
  response: z.strictObject({ items: z.array(Show) }),
  errors: [],
})

export const createShow = operation({
  name: 'show:create',
  summary: 'Schedule a show.',
  access: ['creator'],
  http: { method: 'post', path: '/v1/shows', status: 201 },
  request: z.strictObject({
    title: Title,
    teaser: Teaser.default(''),
    startsAtMs: EpochMs,
    productIds: z.array(ProductId).max(50).default([]),
    operationId: OperationId,
  }),
  response: Show,
  repeatable: true,
  errors: ['product.not_found', 'idempotency.key_reused'],
})

export const startShow = operation({
  name: 'show:start',
  summary: 'Open the room: the show is live. Starting a live show again changes nothing.',
  access: ['creator'],
  http: { method: 'post', path: '/v1/shows/{showId}/start' },
  request: z.strictObject({ showId: ShowId }),
  response: Show,
  errors: ownShowErrors,
})

export const endShow = operation({
  name: 'show:end',
  summary: 'End the show. Its flash sales close; running holds and checkouts go on.',
  access: ['creator'],
  http: { method: 'post', path: '/v1/shows/{showId}/end' },
  request: z.strictObject({ showId: ShowId }),
  response: Show,
  errors: ownShowErrors,
})

export const setShelf = operation({
  name: 'show:set-shelf',
  summary: 'Replace the product shelf, in the order given.',
  access: ['creator'],
  http: { method: 'put', path: '/v1/shows/{showId}/shelf' },
  request: z.strictObject({ showId: ShowId, productIds: z.array(ProductId).max(50) }),
  response: z.strictObject({ items: z.array(ShelfItem) }),
  errors: [...ownShowErrors, 'product.not_found'],
})

export const getShelf = operation({
  name: 'show:get-shelf',
  summary: 'The product shelf of a show.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/shows/{showId}/shelf' },
  request: z.strictObject({ showId: ShowId }),
  response: z.strictObject({ items: z.array(ShelfItem) }),
  errors: ['show.not_found'],
})

export const pinProduct = operation({
  name: 'show:pin-product',
  summary: 'Pin a product of the shelf for all viewers, or nothing (null).',
  access: ['creator'],
  http: { method: 'put', path: '/v1/shows/{showId}/pin' },
  request: z.strictObject({ showId: ShowId, productId: ProductId.nullable() }),
  response: z.strictObject({ productId: ProductId.nullable() }),
  errors: [...ownShowErrors, 'show.product_not_on_shelf'],
})

export const StreamPurpose = z.enum(['watch', 'publish'])

export const issueStreamToken = operation({
  name: 'show:issue-stream-token',
  summary: 'A token for one video session: valid 60 s, usable once. Publishing is for the creator of the show.',
  access: 'anyone',
  http: { method: 'post', path: '/v1/shows/{showId}/stream-tokens', status: 201 },
  socket: { rate: { burst: 5, perSecond: 0.5 } },
  request: z.strictObject({ showId: ShowId, purpose: StreamPurpose }),
  response: z.strictObject({ streamToken: z.string(), expiresAtMs: EpochMs }),
  errors: ['show.not_found', 'show.not_live'],
})
