import { newOperationId } from '@livelot/client'
import { useQueryClient } from '@tanstack/react-query'
import { Radio } from 'lucide-react'
import { useRef } from 'react'
import { useNavigate } from 'react-router'
import { useRequiredAccount, useSession } from '../../data/client.tsx'
import { loadableOf, loadablePages } from '../../data/loadable.ts'
import { useAllProducts, useMyShows } from '../../data/queries.ts'
import { sentenceOf } from '../../data/sentences.ts'
import { useTitle } from '../../data/use-title.ts'
import { EmptyState } from '../../parts/states.tsx'
import { type ShowDraft, StudioHomeView } from './studio-home-view.tsx'

export function Component() {
  useTitle('Studio')
  const { client } = useSession()
  const account = useRequiredAccount()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const isCreator = account?.roles.includes('creator') ?? false
  const shows = useMyShows(isCreator)
  const products = useAllProducts()
  const pending = useRef<{ draft: string; operationId: string } | null>(null)

  if (account && !isCreator)
    return (
      <div className="page">
        <EmptyState icon={<Radio aria-hidden="true" />} title="The studio is for creators">
          Your account can watch, chat and buy. Ask the operator of this site to make it a creator’s account.
        </EmptyState>
      </div>
    )

  const create = async (draft: ShowDraft) => {
    const key = JSON.stringify(draft)
    if (pending.current?.draft !== key) pending.current = { draft: key, operationId: newOperationId() }
    try {
      const show = await client.shows.create({ ...draft, operationId: pending.current.operationId })
      pending.current = null
      queries.invalidateQueries({ queryKey: ['my-shows'] }).catch(() => undefined)
      navigate(`/studio/${show.showId}`)
      return null
    } catch (error) {
      return sentenceOf(error)
    }
  }

  return <StudioHomeView shows={loadableOf(shows)} products={loadablePages(products)} onCreate={create} />
}
