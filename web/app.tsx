import { LivelotError } from '@livelot/client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createBrowserRouter, Outlet, ScrollRestoration, useRouteError } from 'react-router'
import { RouterProvider } from 'react-router/dom'
import { SessionProvider, useSession } from './data/client.tsx'
import { AnnouncerProvider } from './parts/announcer.tsx'
import { AppShell } from './parts/app-shell.tsx'
import { ClockProvider } from './parts/clock.tsx'
import { ErrorState, Loading, Skeleton } from './parts/states.tsx'
import { ToastProvider } from './parts/toast.tsx'

/** The client itself repeats what may be repeated; asking a refused thing again changes nothing. */
const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < 2 && !(error instanceof LivelotError && error.retry === 'never'),
    },
  },
})

function Frame() {
  const { client, account, signOut } = useSession()
  return (
    <ClockProvider now={nowOf(client)}>
      <AppShell
        account={account}
        onSignOut={() => {
          queryClient.clear()
          signOut()
        }}
      >
        <Outlet />
      </AppShell>
      <ScrollRestoration />
    </ClockProvider>
  )
}

type Clocked = ReturnType<typeof useSession>['client']
const clocks = new WeakMap<Clocked, () => number>()

/** One function for each client, so that counters are not set up anew with each render. */
function nowOf(client: Clocked): () => number {
  const known = clocks.get(client)
  if (known) return known
  const now = () => client.clock.now()
  clocks.set(client, now)
  return now
}

function Waiting() {
  return (
    <Loading label="Loading the page" className="page">
      <Skeleton shape="title" />
      <Skeleton />
      <Skeleton shape="block" />
    </Loading>
  )
}

/** A page that broke, or whose code did not arrive, as after a release. Loading it anew mends both. */
function Broken() {
  const error = useRouteError()
  return (
    <div className="page">
      <ErrorState
        title="This page broke"
        message={error instanceof LivelotError ? error.message : 'Please load it again. What you bought is safe.'}
        onRetry={() => window.location.reload()}
      />
    </div>
  )
}

const router = createBrowserRouter([
  {
    Component: Frame,
    HydrateFallback: Waiting,
    children: [
      {
        ErrorBoundary: Broken,
        children: [
          { index: true, lazy: () => import('./pages/home/index.tsx') },
          { path: 'products', lazy: () => import('./pages/products/index.tsx') },
          { path: 'products/:productId', lazy: () => import('./pages/product/index.tsx') },
          { path: 'shows/:showId', lazy: () => import('./pages/watch/index.tsx') },
          { path: 'creators/:handle', lazy: () => import('./pages/creator/index.tsx') },
          { path: 'studio', lazy: () => import('./pages/studio/index.tsx') },
          { path: 'studio/:showId', lazy: () => import('./pages/studio/desk.tsx') },
          { path: 'orders', lazy: () => import('./pages/orders/index.tsx') },
          { path: 'orders/:orderId', lazy: () => import('./pages/orders/detail.tsx') },
          { path: 'bids', lazy: () => import('./pages/bids/index.tsx') },
          { path: 'sign-in', lazy: () => import('./pages/sign-in/index.tsx') },
          { path: '*', lazy: () => import('./pages/not-found/index.tsx') },
        ],
      },
    ],
  },
])

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <SessionProvider>
        <AnnouncerProvider>
          <ToastProvider>
            <RouterProvider router={router} />
          </ToastProvider>
        </AnnouncerProvider>
      </SessionProvider>
    </QueryClientProvider>
  )
}
