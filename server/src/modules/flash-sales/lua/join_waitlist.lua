--[[ A buyer stands in line for units that come back. Where units are free at this moment the offer follows at once.
KEYS
  1 gate      hash    figures of the sale: run id of the server it was written for, times, units, limits
  2 holds     hash    hold id -> hold that has not ended
  3 due       zset    hold id by the time its end is due
  4 buyers    hash    buyer -> units held or bought
  5 answers   hash    op:buyer:operation -> answer, wait:buyer:operation -> place, end:hold -> how it ended|buyer
  6 waitlist  zset    buyer by order of arrival
  7 log       stream  what happened to holds, for Postgres
  8 state     hash    state of the show
  9 feed      stream  ordered log of the show
ARGV
  1 run_id        run id of the Redis server that the caller is connected to
  2 buyer_id      uuid
  3 operation_id  uuid made by the buyer's client
RETURNS the first that applies
  {'gate_closed'}
  {'repeated', position}   the answer that this operation id had before
  {'not_open', opens_at_ms}
  {'closed'}
  {'limit_reached'}
  {'not_your_turn'}   the sale is sold by turns: units that come back go to those who wait there
  {'joined', position, {buyer, hold_id, expires_at_ms, ...}}   position counts from 1; with the holds made at once
]]
local k = gate_keys(KEYS)
local buyer = ARGV[2]
local gate = read_gate(k, ARGV[1])
if not gate then return { 'gate_closed' } end
local field = 'wait:' .. buyer .. ':' .. ARGV[3]
local place = redis.call('HGET', k.answers, field)
if place then return { 'repeated', tonumber(place) } end

local now = now_ms()
if gate.state ~= 'closed' and now < gate.opens_at and now < gate.closes_at then return { 'not_open', gate.opens_at } end
if gate.state == 'closed' or now >= gate.closes_at then return { 'closed' } end
if tonumber(redis.call('HGET', k.buyers, buyer) or 0) >= gate.per_buyer then return { 'limit_reached' } end
if gate.by_turn then return { 'not_your_turn' } end

if move_clock(k, gate, now) then mend_show(k, gate, now) end
-- Somebody who stands in line already is told the place, and no further operation id is remembered.
local rank = redis.call('ZRANK', k.waitlist, buyer)
if rank then return { 'joined', rank + 1, {} } end
redis.call('ZADD', k.waitlist, redis.call('HINCRBY', k.gate, 'arrivals', 1), buyer)
local position = redis.call('ZRANK', k.waitlist, buyer) + 1
redis.call('HSET', k.answers, field, whole(position))
local offers = offer_to_waitlist(k, gate, now, 100)
if #offers > 0 then tell_figures(k, gate, now) end
return { 'joined', position, offers }
