--[[ Payment of a hold begins: it gets its extra time, once, and from now on only Postgres may end it.
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
  2 buyer_id  uuid
  3 hold_id   uuid
RETURNS the first that applies
  {'gate_closed'}
  {'not_found'}   no such hold, or another buyer's
  {'expired'}     it has ended, or its time is over
  {'paying', units, expires_at_ms}   a second call answers the same
]]
local k = gate_keys(KEYS)
local gate = read_gate(k, ARGV[1])
if not gate then return { 'gate_closed' } end
local hold = read_hold(k, ARGV[3])
if not hold then
  local how = end_of(k, ARGV[3], ARGV[2])
  if how then return { 'expired' } end
  return { 'not_found' }
end
if hold.buyer ~= ARGV[2] then return { 'not_found' } end
if hold.how ~= 'claimed' and now_ms() >= hold.expires then return { 'expired' } end
if hold.how == 'live' or hold.how == 'restored' then
  hold.how = 'paying'
  hold.expires = hold.expires + gate.payment_ms
  write_hold(k, hold)
  redis.call('ZADD', k.due, whole(hold.expires), hold.id)
  log_hold(k, gate, 'paying', hold)
end
return { 'paying', hold.units, hold.expires }
