import { ImageOff } from 'lucide-react'
import { useState } from 'react'
import { classNames } from './class-names.ts'
import './picture.css'

type PictureProps = {
  src: string
  alt: string
  shape?: 'square' | 'wide' | 'poster'
  eager?: boolean
  className?: string
}

/** A picture that keeps its place while it loads, and says so quietly when it cannot be had. */
export function Picture({ src, alt, shape = 'square', eager, className }: PictureProps) {
  const [state, setState] = useState<'loading' | 'there' | 'broken'>('loading')
  return (
    <span className={classNames('picture', `picture-${shape}`, `picture-${state}`, className)}>
      {state === 'broken' ? (
        <ImageOff aria-label={alt || undefined} aria-hidden={alt ? undefined : true} />
      ) : (
        <img
          src={src}
          alt={alt}
          loading={eager ? 'eager' : 'lazy'}
          decoding="async"
          draggable={false}
          onLoad={() => setState('there')}
          onError={() => setState('broken')}
        />
      )}
    </span>
  )
}
