import { Pin } from 'lucide-react'
import { Button } from '../../parts/button.tsx'
import '../../parts/goods-row.css'
import { Picture } from '../../parts/picture.tsx'
import { Price } from '../../parts/price.tsx'
import type { RoomView } from './room-view.ts'
import './shelf.css'

type ShelfProps = { room: RoomView; onBuy: (productId: string) => void }

export function Shelf({ room, onBuy }: ShelfProps) {
  if (room.shelf.length === 0) return <p className="shelf-empty">The host has not put anything on the shelf yet.</p>
  return (
    <ul className="goods-rows shelf">
      {room.shelf.map((item) => {
        const gone = item.availableUnits === 0
        const pinned = item.productId === room.pinnedProductId
        return (
          <li key={item.productId} className={pinned ? 'goods-row goods-row-on' : 'goods-row'}>
            <Picture src={item.pictureUrl} alt="" />
            <div className="goods-row-words">
              <h3 className="goods-row-name">{item.name}</h3>
              <p className="shelf-brand">
                {item.brandName}
                {pinned && (
                  <span className="shelf-now">
                    <Pin aria-hidden="true" /> on now
                  </span>
                )}
              </p>
              <Price price={item.price} size="s" />
            </div>
            <Button
              tone="outline"
              size="s"
              disabled={gone || room.show.state === 'ended'}
              aria-label={gone ? `${item.name} is sold out` : `Buy ${item.name}`}
              onClick={() => onBuy(item.productId)}
            >
              {gone ? 'Gone' : 'Buy'}
            </Button>
          </li>
        )
      })}
    </ul>
  )
}
