import { useState } from 'react'
import { classNames } from './class-names.ts'
import './avatar.css'

type AvatarProps = { name: string; pictureUrl?: string | null; size?: 's' | 'm' | 'l' | 'xl'; ring?: boolean }

const initials = (name: string) =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('')

/** The same name has the same colour on every screen. */
const hueIndex = (name: string) => [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) % 6

/** Decorative: the name always stands beside it. */
export function Avatar({ name, pictureUrl, size = 'm', ring }: AvatarProps) {
  const [broken, setBroken] = useState(false)
  const showPicture = pictureUrl && !broken
  return (
    <span
      className={classNames('avatar', `avatar-${size}`, `avatar-hue-${hueIndex(name)}`, ring && 'avatar-ring')}
      aria-hidden="true"
    >
      {showPicture ? <img src={pictureUrl} alt="" onError={() => setBroken(true)} /> : initials(name)}
    </span>
  )
}
