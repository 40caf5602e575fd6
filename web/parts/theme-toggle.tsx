import { Moon, Sun, SunMoon } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from './button.tsx'

type Theme = 'system' | 'light' | 'dark'

const storageKey = 'livelot.theme'
const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' }
const words: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' }
const icons = { system: SunMoon, light: Sun, dark: Moon }

function readTheme(): Theme {
  const theme = document.documentElement.dataset.theme
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    if (theme === 'system') localStorage.removeItem(storageKey)
    else localStorage.setItem(storageKey, theme)
  } catch {
    // Storage may be blocked; then the choice lasts for this page.
  }
}

export function ThemeToggle() {
  const [theme, setTheme] = useState(readTheme)
  const Icon = icons[theme]
  return (
    <IconButton
      label={`Colours: ${words[theme]}. Switch to ${words[next[theme]]}`}
      onClick={() => {
        applyTheme(next[theme])
        setTheme(next[theme])
      }}
    >
      <Icon aria-hidden="true" />
    </IconButton>
  )
}
