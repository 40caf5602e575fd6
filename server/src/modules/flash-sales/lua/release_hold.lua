--[[ A buyer gives a hold back before its time is over; its units go to those in line first.
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
  {'ended', how}   how: released, expired or settled
  {'not_found'}    no such hold, or another buyer's
  {'expired'}      its time is over
  {'ask'}          it may be paid for: Postgres decides, then apply_hold_state
  {'released', {buyer, hold_id, expires_at_ms, ...}}   with the holds made for those in line, one unit each
]]
local k = gate_keys(KEYS)
local gate = read_gate(k, ARGV[1])
if not gate then return { 'gate_closed' } end
local hold = read_hold(k, ARGV[3])
if not hold then
  local how = end_of(k, ARGV[3], ARGV[2])
  if how then return { 'ended', how } end
  return { 'not_found' }
end
if hold.buyer ~= ARGV[2] then return { 'not_found' } end
local now = now_ms()
if hold.how ~= 'live' then return { 'ask' } end
if now >= hold.expires then return { 'expired' } end
end_hold(k, gate, hold, 'released')
log_hold(k, gate, 'released', hold)
local offers = offer_to_waitlist(k, gate, now, 100)
tell_figures(k, gate, now)
return { 'released', offers }
