import { Camera, ChartNoAxesColumn, Gavel, MessageCircle } from 'lucide-react'
import type { ReactNode } from 'react'
import './section-bar.css'

export type StudioSection = 'camera' | 'desk' | 'people' | 'board'

const sections = [
  { value: 'camera', label: 'Camera', icon: <Camera aria-hidden="true" /> },
  { value: 'desk', label: 'Sell', icon: <Gavel aria-hidden="true" /> },
  { value: 'people', label: 'People', icon: <MessageCircle aria-hidden="true" /> },
  { value: 'board', label: 'Sales', icon: <ChartNoAxesColumn aria-hidden="true" /> },
] as const satisfies readonly { value: StudioSection; label: string; icon: ReactNode }[]

type SectionBarProps = { value: StudioSection; onChange: (section: StudioSection) => void }

/** On a phone the block stays on top and one part of the studio stands below it. Wider screens show all at once. */
export function SectionBar({ value, onChange }: SectionBarProps) {
  return (
    <nav className="section-bar" aria-label="Parts of the studio">
      {sections.map((section) => (
        <button
          key={section.value}
          type="button"
          aria-pressed={section.value === value}
          onClick={() => onChange(section.value)}
        >
          {section.icon}
          {section.label}
        </button>
      ))}
    </nav>
  )
}
