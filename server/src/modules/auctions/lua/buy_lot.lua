--[[ Sell the lot at once: at its buy-now price, or at a Dutch auction's price of this moment. Atomic: the purchase, the
close and what the room is told are one step.
KEYS
  1 auction      hash    facts and figures: gate_run_id, generation, state, ends_at_ms, price, leader, link, seq, …
  2 answers      hash    bid id -> entry of the accepted bid
  3 log          stream  entries of the ledger for Postgres, ids '<seq>-0' without a gap
  4 entrants     hash    run, and account -> entrant
  5 commitments  hash    account -> minor units of leading maxima and wins
  6 state        hash    state of the show
  7 feed         stream  ordered log of the show
ARGV
  1 run_id      run id of the Redis server that the caller is connected to
  2 account_id  uuid
  3 bid_id      uuid made by the buyer's client
  4 price       minor units that the buyer has agreed to; the lot's price may be lower, and is charged
  5 expected_ms what the clock should say by the caller's monotonic time, '' where it is not known
RETURNS the first that applies
  {'gate_closed'}   also while the clock is off, unless the purchase came before
  a decision, whose code is the first that applies
    key_reused    the bid id came with another account, kind or price
    leading       with repeated = 1: the purchase came before, as it was answered then
    not_eligible  with the reason: not_entered, what the account is barred for, own_lot
    not_started
    closed
    no_buy_now    there is no buy-now price, or a bid has ended it
    too_low       the price is higher than agreed; next_minimum is the price
    over_limit    with what the caller's own limit still allows
    leading       bought
  {code, repeated, reason, paddle, seq, link, decided_at_ms, time_left_ms, next_minimum, maximum, limit_left,
    figures_json, outbid_account}   an absent value is ''
]]
-- Falls by steps from the start price to the floor.
local function dutch_price(k, gate, now)
  local f = redis.call('HMGET', k.auction, 'dutch_floor', 'dutch_step', 'dutch_step_ms')
  local steps = math.floor((now - gate.started_at) / tonumber(f[3]))
  return math.max(tonumber(f[1]), gate.start_price - steps * tonumber(f[2]))
end

local k = gate_keys(KEYS)
local gate = read_gate(k, ARGV[1], ARGV[2])
if not gate then return { 'gate_closed' } end
local bid = { account = ARGV[2], id = ARGV[3], kind = 'buy', amount = tonumber(ARGV[4]) }
local again = answer_again(k, gate, bid)
if again then return again end
if not is_clock_right(ARGV[5]) then return { 'gate_closed' } end

local now = moment(gate)
local refusal = refuse_person_or_time(k, gate, bid, now)
if refusal then return refusal end
local price = gate.buy_now
if gate.type == 'dutch' then
  price = dutch_price(k, gate, now)
elseif not is_buy_now_open(gate) then
  return decision(gate, bid, now, 'no_buy_now', {})
end
if bid.amount < price then return decision(gate, bid, now, 'too_low', { next_minimum = price }) end
local limit_left = limit_left_below(k, gate, bid, price)
if limit_left then return decision(gate, bid, now, 'over_limit', { limit_left = limit_left, next_minimum = price }) end

local left, led = time_left(gate, now), gate.leader
lead(k, gate, bid, price)
gate.bid_count = gate.bid_count + 1
gate.next_minimum = price + increment_at(gate, price)
local text = log_entry(k, gate, { what = 'buy', bid = bid.id, account = bid.account, paddle = gate.entrant.paddle,
  amount = bid.amount, answer = 'leading', left = left }, now)
local own_seq, own_link = gate.seq, gate.link
close_auction(k, gate, now, 'bought')
-- The buyer is answered the figures after the close, also when the purchase comes again.
redis.call('HSET', k.answers, bid.id, string.match(text, '^' .. string.rep('[^|]*|', 12)) .. gate.figures)
tell_closed(k, gate, now)
local answer = decision(gate, bid, now, 'leading',
  { left = left, maximum = bid.amount, outbid = led ~= bid.account and led or '' })
answer[5], answer[6] = own_seq, own_link
return answer
