import { ButtonLink } from '../../parts/button.tsx'
import './not-found.css'

export function Component() {
  return (
    <div className="page not-found">
      <p className="not-found-lot" aria-hidden="true">
        Lot 404
      </p>
      <h1>Withdrawn from sale</h1>
      <p>There is nothing at this address. The link may be old, or the show may have been taken down.</p>
      <ButtonLink to="/">See what is live</ButtonLink>
    </div>
  )
}
