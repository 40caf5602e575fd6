--[[ Decide one bid. Atomic: decides, moves the end, links the ledger and tells the room in one step.
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
  3 bid_id      uuid made by the bidder's client
  4 kind        bid (this price now) or max (step by step up to it)
  5 amount      minor units
  6 is_sure     1 where the bidder has confirmed an amount far above the price, else 0
  7 expected_ms what the clock should say by the caller's monotonic time, '' where it is not known
RETURNS the first that applies
  {'gate_closed'}   also while the clock is off, unless the bid came before
  a decision, whose code is the first that applies
    key_reused       the bid id came with another account, kind or amount
    leading, outbid  with repeated = 1: the bid came before, as it was answered then
    not_eligible     with the reason: not_entered, what the account is barred for, own_lot
    not_started
    closed
    wrong_type       a Dutch auction takes no bids
    own_is_higher    the caller leads with at least this maximum
    raise_too_small  the caller leads, and raises the own maximum by less than one increment; next_minimum is the least
    too_low          with the next minimum
    far_above_price  more than ten times the next minimum, and not sure
    over_limit       with what the caller's own limit still allows
    outbid           accepted, but an earlier maximum is as high or higher
    leading
  {code, repeated, reason, paddle, seq, link, decided_at_ms, time_left_ms, next_minimum, maximum, limit_left,
    figures_json, outbid_account}   an absent value is ''
]]
local k = gate_keys(KEYS)
local gate = read_gate(k, ARGV[1], ARGV[2])
if not gate then return { 'gate_closed' } end
local bid = { account = ARGV[2], id = ARGV[3], kind = ARGV[4], amount = tonumber(ARGV[5]), is_sure = ARGV[6] == '1' }
local again = answer_again(k, gate, bid)
if again then return again end
if not is_clock_right(ARGV[7]) then return { 'gate_closed' } end

local now = moment(gate)
local refusal = refuse_person_or_time(k, gate, bid, now)
if refusal then return refusal end
refusal = refuse_amount(k, gate, bid, now)
if refusal then return refusal end

local left, led = time_left(gate, now), gate.leader
local answer = accept_bid(k, gate, bid, now)
save_gate(k, gate)
tell_price(k, gate, now)
return decision(gate, bid, now, answer,
  { left = left, maximum = bid.amount, outbid = led ~= bid.account and gate.leader ~= led and led or '' })
