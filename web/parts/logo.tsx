import './logo.css'

/** A lot tag with a tally light: what is on the block is live. */
export function Logo({ markOnly = false }: { markOnly?: boolean }) {
  return (
    <span className="logo">
      <svg className="logo-mark" viewBox="0 0 32 32" aria-hidden="true">
        <path
          className="logo-tag"
          d="M6 2h14.5L30 11.5V26a4 4 0 0 1-4 4H6a4 4 0 0 1-4-4V6a4 4 0 0 1 4-4Zm16 5.4a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2Z"
        />
        <path className="logo-letter" d="M8 9h4.2v12.2H19V25H8Z" />
        <circle className="logo-light" cx="23" cy="23" r="2.2" />
      </svg>
      {markOnly ? <span className="visually-hidden">Livelot</span> : <span className="logo-word">livelot</span>}
    </span>
  )
}
