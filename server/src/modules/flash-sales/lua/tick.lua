--[[ Move one sale along with time: open, close, end unpaid holds that are due, offer free units to those in line, mend
the show's figures where they differ, and keep the keys for one more hour.
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
  2 closes_at_ms  end of the sale by Postgres; an earlier end than the gate's is taken over
  3 most          holds to end and offers to make in this step
  4 ask_again_ms  after which a hold that Postgres must decide on is reported again
  5 keep_ms       how long the keys are kept after the end of the sale
  6 expected_ms   what the clock should say by the caller's monotonic time, '' where it is not known
RETURNS the first that applies
  {'gate_closed'}   also while the clock is off
  {'ticked', state, seq, open_holds, now_ms, next_due_ms, {hold_id, buyer, units, ...}, {buyer, hold_id, expires_at_ms, ...}}
    next_due_ms: when the next step is due, as far as known now; then the holds on whose end Postgres must decide, and
    the holds made for those in line, one unit each
]]
local k = gate_keys(KEYS)
local most = tonumber(ARGV[3])
local gate = read_gate(k, ARGV[1])
if not gate or not is_clock_right(ARGV[6]) then return { 'gate_closed' } end
local now = now_ms()
if tonumber(ARGV[2]) < gate.closes_at then
  gate.closes_at = tonumber(ARGV[2])
  redis.call('HSET', k.gate, 'closes_at_ms', whole(gate.closes_at))
end
move_clock(k, gate, now)

local asks = {}
for _, hold_id in ipairs(redis.call('ZRANGEBYSCORE', k.due, '-inf', whole(now), 'LIMIT', 0, most)) do
  local hold = read_hold(k, hold_id)
  if not hold then
    redis.call('ZREM', k.due, hold_id)
  elseif hold.how == 'live' then
    end_hold(k, gate, hold, 'expired')
    log_hold(k, gate, 'expired', hold)
  else
    redis.call('ZADD', k.due, whole(now + tonumber(ARGV[4])), hold_id)
    asks[#asks + 1] = hold.id
    asks[#asks + 1] = hold.buyer
    asks[#asks + 1] = hold.units
  end
end
local offers = offer_to_waitlist(k, gate, now, most)
mend_show(k, gate, now)

keep_keys(k, gate, now, tonumber(ARGV[5]))

local next_due = math.huge
if gate.state == 'scheduled' then next_due = gate.opens_at end
if gate.state ~= 'closed' then next_due = math.min(next_due, gate.closes_at) end
local first = redis.call('ZRANGE', k.due, 0, 0, 'WITHSCORES')[2]
if first then next_due = math.min(next_due, tonumber(first)) end
if gate.state == 'open' and gate.remaining > 0 and redis.call('ZCARD', k.waitlist) > 0 then next_due = now end
if next_due == math.huge then next_due = now + 60000 end
return { 'ticked', gate.state, gate.seq, redis.call('HLEN', k.holds), now, next_due, asks, offers }
