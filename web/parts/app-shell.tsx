import type { Account } from '@livelot/client/contracts'
import { Gavel, LogOut, Package, Radio } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Link, NavLink, useLocation, useNavigate } from 'react-router'
import { Avatar } from './avatar.tsx'
import { ButtonLink } from './button.tsx'
import { Logo } from './logo.tsx'
import { Menu, type MenuItem } from './menu.tsx'
import { ThemeToggle } from './theme-toggle.tsx'
import './app-shell.css'

type AppShellProps = {
  /** Undefined while it is not known yet whether someone is signed in. */
  account: Account | null | undefined
  onSignOut: () => void
  children: ReactNode
}

export function AppShell({ account, onSignOut, children }: AppShellProps) {
  const { pathname } = useLocation()
  const main = useRef<HTMLElement>(null)
  const firstPath = useRef(pathname)

  // A new page is told to a screen reader by moving the focus to it; the first one is read by itself.
  useEffect(() => {
    if (firstPath.current === pathname) return
    firstPath.current = ''
    main.current?.focus({ preventScroll: true })
  }, [pathname])

  return (
    <div className="shell">
      <a className="shell-skip" href="#main">
        Skip to content
      </a>
      <header className="shell-head">
        <div className="shell-head-row">
          <Link to="/" className="shell-home" aria-label="Livelot, home">
            <Logo />
          </Link>
          <nav className="shell-nav" aria-label="Main">
            <NavLink to="/" end>
              Live
            </NavLink>
            <NavLink to="/products">Shop</NavLink>
            {account && <NavLink to="/orders">Orders</NavLink>}
          </nav>
          <div className="shell-tools">
            <ThemeToggle />
            <AccountCorner account={account} onSignOut={onSignOut} />
          </div>
        </div>
      </header>
      <main ref={main} id="main" className="shell-main" tabIndex={-1}>
        {children}
      </main>
      <footer className="shell-foot">
        <p>
          <Logo markOnly /> Livelot runs on its owner’s machines. Prices include everything before you tap.
        </p>
        <nav aria-label="More">
          <Link to="/products">Shop</Link>
          <Link to="/orders">Orders</Link>
          <a href="/docs">API</a>
        </nav>
      </footer>
    </div>
  )
}

function AccountCorner({ account, onSignOut }: Pick<AppShellProps, 'account' | 'onSignOut'>) {
  const navigate = useNavigate()
  const { pathname } = useLocation()
  if (account === undefined) return <span className="shell-waiting" aria-hidden="true" />
  if (account === null) {
    const here = encodeURIComponent(pathname)
    return (
      <ButtonLink to={pathname === '/sign-in' ? '/sign-in' : `/sign-in?next=${here}`} size="s">
        Sign in
      </ButtonLink>
    )
  }
  const isCreator = account.roles.includes('creator')
  const items: MenuItem[] = [
    ...(isCreator
      ? [{ label: 'Studio', icon: <Radio aria-hidden="true" />, onSelect: () => navigate('/studio') }]
      : []),
    { label: 'Your orders', icon: <Package aria-hidden="true" />, onSelect: () => navigate('/orders') },
    { label: 'Your bids', icon: <Gavel aria-hidden="true" />, onSelect: () => navigate('/bids') },
    { label: 'Sign out', icon: <LogOut aria-hidden="true" />, onSelect: onSignOut },
  ]
  return (
    <>
      {isCreator && (
        <ButtonLink to="/studio" tone="live" size="s" className="shell-studio" icon={<Radio aria-hidden="true" />}>
          Studio
        </ButtonLink>
      )}
      <Menu
        label={`Account of ${account.displayName}`}
        triggerClassName="shell-account"
        trigger={<Avatar name={account.displayName} />}
        items={items}
      />
    </>
  )
}
