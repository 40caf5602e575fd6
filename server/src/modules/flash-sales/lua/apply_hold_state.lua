--[[ Bring the gate in line with what Postgres says of one hold. Repeats: the second time nothing changes.
A hold that the gate never knew (its Redis was lost) is taken in, so that the gate never admits more than the truth.
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
  1 run_id    run id of the Redis server that the caller is connected to
  2 hold_id   uuid
  3 how       claimed, settled, released or expired
  4 buyer_id  uuid
  5 units     integer
RETURNS the first that applies
  {'gate_closed'}
  {'repeated'}
  {'applied', {buyer, hold_id, expires_at_ms, ...}}   with the holds made for those in line, one unit each
]]
local k = gate_keys(KEYS)
local how = ARGV[3]
local gate = read_gate(k, ARGV[1])
if not gate then return { 'gate_closed' } end
if redis.call('HEXISTS', k.answers, 'end:' .. ARGV[2]) == 1 then return { 'repeated' } end
local hold = read_hold(k, ARGV[2])
if hold and how == hold.how then return { 'repeated' } end

local now = now_ms()
if not hold then
  hold = { id = ARGV[2], buyer = ARGV[4], units = tonumber(ARGV[5]), how = 'claimed', expires = now, operation_id = '',
    remaining = 0 }
  move_remaining(k, gate, -hold.units)
  redis.call('HINCRBY', k.buyers, hold.buyer, whole(hold.units))
end
if how == 'claimed' then
  hold.how = 'claimed'
  write_hold(k, hold)
  redis.call('ZREM', k.due, hold.id)
else
  end_hold(k, gate, hold, how)
end
local offers = offer_to_waitlist(k, gate, now, 100)
tell_figures(k, gate, now)
return { 'applied', offers }
