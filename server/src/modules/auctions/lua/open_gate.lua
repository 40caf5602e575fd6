--[[ Write the gate of an auction and open it for this run of the server, in one step: at its first start, or again from
Postgres when Redis has lost it. Refuses unless the log that is left is in Postgres whole.
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
  2 basis        generation of the gate whose log was copied, '' where there was none
  3 seq          last entry in Postgres
  4 read_at_ms   Redis' time before Postgres was read
  5 stale_ms     how old that reading may be
  6 desk_ms      how long the desk is kept from now on
  7 auction      {field: value} of the new gate; at a start without times
  8 told         JSON of the auction as the room is told of it, without startedAtMs, figures and its last brace
  9 run          of a start: {starts_in_ms, lasts_ms, overtime_ms: absent where nothing caps the end,
                   pre_bids: rows of id, account, amount; forget: auction ids};
                 of a resumption: {resumed_ms: least time left, answers: {bid id: entry}, older_bids: bid ids}
RETURNS the first that applies
  {'stands'}       it is open already
  {'desk_closed'}  the show's desk is missing or of another run: open it first
  {'not_copied'}   the log has grown, or is another one: copy it, read Postgres, try again
  {'stale'}        the reading is too old: read Postgres, try again
  {'opened', now_ms, started_at_ms, link, figures_json, voided}   voided: one flat list of pre-bid id and refusal
]]
local k = gate_keys(KEYS)
if redis.call('HGET', k.entrants, 'run') ~= ARGV[1] then return { 'desk_closed' } end
if read_gate(k, ARGV[1]) then return { 'stands' } end
local left = redis.call('HMGET', k.auction, 'generation', 'seq')
if (left[1] or '') ~= ARGV[2] or tonumber(left[2] or 0) > tonumber(ARGV[3]) then return { 'not_copied' } end
local now = now_ms()
if now - tonumber(ARGV[4]) > tonumber(ARGV[5]) then return { 'stale' } end
local facts, run = cjson.decode(ARGV[7]), cjson.decode(ARGV[9])

redis.call('DEL', k.auction, k.answers, k.log)
if run.pre_bids then
  local starts_at = now + run.starts_in_ms
  local ends_at = starts_at + run.lasts_ms
  facts.started_at_ms, facts.ends_at_ms, facts.last_at_ms = whole(starts_at), whole(ends_at), whole(now)
  if run.overtime_ms then facts.cap_at_ms = whole(ends_at + run.overtime_ms) end
end
facts.gate_run_id = ARGV[1]
facts.auction_json = ARGV[8] .. ',"startedAtMs":' .. facts.started_at_ms
for field, value in pairs(facts) do redis.call('HSET', k.auction, field, value) end
local gate = read_gate(k, ARGV[1])
-- The clock goes on within a script: a second reading would begin the ledger after the start.
now = math.max(now, gate.last_at)

local voided = {}
if run.pre_bids then
  log_entry(k, gate, { what = 'started' }, now)
  for _, row in ipairs(run.pre_bids) do
    local bid = { id = row[1], account = row[2], kind = 'pre-bid', amount = row[3], is_sure = true }
    gate.entrant = read_entrant(redis.call('HGET', k.entrants, bid.account))
    local code = bar_of(gate) and 'not_eligible'
    if not code then code = (refuse_amount(k, gate, bid, now) or {})[1] end
    if code then
      voided[#voided + 1], voided[#voided + 2] = bid.id, code
    else
      accept_bid(k, gate, bid, now)
    end
  end
  for _, id in ipairs(run.forget) do redis.call('HDEL', k.state, 'auction:' .. id, 'figures:' .. id) end
else
  for bid_id, text in pairs(run.answers) do redis.call('HSET', k.answers, bid_id, text) end
  -- Without their answers: whoever sends one of them again is told that the id was used.
  for _, bid_id in ipairs(run.older_bids) do redis.call('HSET', k.answers, bid_id, '') end
  gate.ends_at = math.max(gate.ends_at, now + run.resumed_ms)
  log_entry(k, gate, { what = 'resumed' }, now)
end
save_gate(k, gate)
mend_show(k, gate, now)
redis.call('PEXPIRE', k.entrants, ARGV[6])
redis.call('PEXPIRE', k.commitments, ARGV[6])
return { 'opened', now, gate.started_at, gate.link, gate.figures, voided }
