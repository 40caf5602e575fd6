/** What a view is given for data that comes over the network: it must show all three. */
export type Loadable<T> =
  | { status: 'loading' }
  | { status: 'failed'; message: string; retry: () => void }
  | { status: 'ready'; data: T }
