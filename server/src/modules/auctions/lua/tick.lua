--[[ Close the auction when its end has come, by Redis' clock alone, and mend what the show's state says of it.
KEYS
  1 auction      hash    facts and figures: gate_run_id, generation, state, ends_at_ms, price, leader, link, seq, …
  2 answers      hash    bid id -> entry of the accepted bid
  3 log          stream  entries of the ledger for Postgres, ids '<seq>-0' without a gap
  4 entrants     hash    run, and account -> entrant
  5 commitments  hash    account -> minor units of leading maxima and wins
  6 state        hash    state of the show
  7 feed         stream  ordered log of the show
ARGV
  1 run_id       run id of the Redis server that the caller is connected to
  2 expected_ms  what the clock should say by the caller's monotonic time, '' where it is not known
RETURNS the first that applies
  {'gate_closed'}   also while the clock is off
  {'ticked', state, has_closed, seq, now_ms, ends_at_ms}   has_closed: 1 where this very step has closed it, else 0
]]
local k = gate_keys(KEYS)
local gate = read_gate(k, ARGV[1])
if not gate or not is_clock_right(ARGV[2]) then return { 'gate_closed' } end
local now = moment(gate)
local has_closed = 0
if gate.state == 'running' and now >= gate.ends_at then
  local is_sold = gate.leader ~= '' and (not gate.reserve or is_reserve_met(gate))
  close_auction(k, gate, now, is_sold and 'sold' or 'unsold')
  has_closed = 1
end
mend_show(k, gate, now)
return { 'ticked', gate.state, has_closed, gate.seq, now, gate.ends_at }
