--[[ Hold units of a flash sale for one buyer. Atomic: decides, writes, tells the show and logs in one step.
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
  10 turns    zset    buyers whose turn it is by its end, where the sale is sold by turns
ARGV
  1 run_id        run id of the Redis server that the caller is connected to
  2 buyer_id      uuid
  3 operation_id  uuid made by the buyer's client
  4 units         integer
RETURNS the first that applies
  {'gate_closed'}
  {'key_reused'}      the operation id came with other units before
  {'repeated', hold_id, units, expires_at_ms, remaining_units, how}   how: live, paying, claimed, settled, released, expired
  {'not_open', opens_at_ms}
  {'closed'}
  {'limit_reached', units_left}
  {'not_your_turn'}   the sale is sold by turns, and this buyer has not been called or was too slow
  {'sold_out', remaining_units}   fewer are left than asked for, or others stand in line for them
  {'held', hold_id, units, expires_at_ms, remaining_units}
]]
local k = gate_keys(KEYS)
local buyer, operation_id, units = ARGV[2], ARGV[3], tonumber(ARGV[4])
local gate = read_gate(k, ARGV[1])
if not gate then return { 'gate_closed' } end

local field = 'op:' .. buyer .. ':' .. operation_id
local answer = redis.call('HGET', k.answers, field)
if answer then
  local hold_id, held_units, expires, remaining = string.match(answer, '^([^|]*)|([^|]*)|([^|]*)|([^|]*)$')
  if tonumber(held_units) ~= units then return { 'key_reused' } end
  local hold = read_hold(k, hold_id)
  local how = hold and hold.how or end_of(k, hold_id, buyer) or 'expired'
  if how == 'restored' then how = 'live' end
  return { 'repeated', hold_id, units, hold and hold.expires or tonumber(expires), tonumber(remaining), how }
end

local now = now_ms()
if gate.state ~= 'closed' and now < gate.opens_at and now < gate.closes_at then return { 'not_open', gate.opens_at } end
if gate.state == 'closed' or now >= gate.closes_at then return { 'closed' } end
local units_left = gate.per_buyer - tonumber(redis.call('HGET', k.buyers, buyer) or 0)
if units > units_left then return { 'limit_reached', math.max(0, units_left) } end
if gate.by_turn and tonumber(redis.call('ZSCORE', KEYS[10], buyer) or 0) <= now then return { 'not_your_turn' } end
if gate.remaining < units or redis.call('ZCARD', k.waitlist) > 0 then
  return { 'sold_out', math.max(0, gate.remaining) }
end

if move_clock(k, gate, now) then mend_show(k, gate, now) end
local hold = make_hold(k, gate, buyer, units, operation_id, now)
redis.call('HSET', k.answers, field,
  table.concat({ hold.id, whole(units), whole(hold.expires), whole(hold.remaining) }, '|'))
-- Who has all that a buyer may have leaves the place to the next.
if gate.by_turn and units == units_left then redis.call('ZREM', KEYS[10], buyer) end
tell_figures(k, gate, now)
return { 'held', hold.id, units, hold.expires, hold.remaining }
