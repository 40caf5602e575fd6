--[[ Functions that every script of an auction's gate shares; auction-scripts.ts puts this text before each of them.
A function leans on its arguments only. `k` holds the gate's seven keys by name, `gate` its facts and figures.
An entrant is kept as 'paddle|limit|barred_for|brand,brand|{"number":…,"name":…}'; an absent value is empty.
An entry of the log is one text: 'seq|what|at|bid|account|paddle|amount|answer|time_left|leader|outcome|link|figures'.
It is also the answer that an accepted bid gets when it comes again.
RETURNS nothing by itself
]]
-- @include now_ms
-- @include append_show_event

local function gate_keys(keys)
  return { auction = keys[1], answers = keys[2], log = keys[3], entrants = keys[4], commitments = keys[5],
    state = keys[6], feed = keys[7] }
end

-- Exact up to 2^53, as all numbers here; '%.0f' would be too, and takes four times as long.
local function whole(number) return string.format('%d', number) end

local function read_entrant(text)
  if not text then return nil end
  local paddle, limit, barred_for, brands, shown = string.match(text, '^(%d+)|(%d*)|([%a_]*)|([^|]*)|(.*)$')
  return { paddle = paddle, limit = tonumber(limit), barred_for = barred_for, brands = brands, shown = shown }
end

-- The gate with the entrant of one account, or nil where gate or desk is missing or was written in another run of the
-- Redis server.
local function read_gate(k, run_id, account)
  local f = redis.call('HMGET', k.auction, 'gate_run_id', 'auction_id', 'type', 'state', 'started_at_ms', 'ends_at_ms',
    'last_at_ms', 'price', 'next_minimum', 'leader', 'leader_paddle', 'leader_shown', 'leader_max', 'bid_count',
    'extensions', 'link', 'seq', 'figures', 'start_price', 'reserve', 'is_reserve_shown', 'buy_now', 'increments',
    'brand_id', 'window_ms', 'extension_ms', 'cap_at_ms', 'outcome', 'closed_at_ms')
  if f[1] ~= run_id then return nil end
  local desk = redis.call('HMGET', k.entrants, 'run', account or 'run')
  if desk[1] ~= run_id then return nil end
  return {
    run_id = run_id, id = f[2], type = f[3], state = f[4], started_at = tonumber(f[5]), ends_at = tonumber(f[6]),
    last_at = tonumber(f[7]), price = tonumber(f[8]), next_minimum = tonumber(f[9]), leader = f[10],
    leader_paddle = f[11], leader_shown = f[12], leader_max = tonumber(f[13]), bid_count = tonumber(f[14]),
    extensions = tonumber(f[15]), link = f[16], seq = tonumber(f[17]), figures = f[18], start_price = tonumber(f[19]),
    reserve = tonumber(f[20]), is_reserve_shown = f[21] == '1', buy_now = tonumber(f[22]), increments = f[23],
    brand = f[24], window_ms = tonumber(f[25]), extension_ms = tonumber(f[26]), cap_at = tonumber(f[27]),
    outcome = f[28], closed_at = tonumber(f[29]), entrant = account and read_entrant(desk[2]),
  }
end

-- Time never runs backwards in a ledger, also where the server's clock was set back.
local function moment(gate) return math.max(now_ms(), gate.last_at) end

local function time_left(gate, now)
  if gate.state == 'closed' then return 0 end
  return math.max(0, gate.ends_at - now)
end

local function increment_at(gate, price)
  local steps = gate.steps or cjson.decode(gate.increments)
  gate.steps = steps
  local step = steps[2]
  for i = 3, #steps, 2 do
    if price >= steps[i] then step = steps[i + 1] end
  end
  return step
end

local function is_reserve_met(gate) return gate.leader ~= '' and gate.price >= (gate.reserve or 0) end

-- Offered until the first bid, or until the reserve is met where there is one, and never below the next bid.
local function is_buy_now_open(gate)
  if not gate.buy_now or gate.state == 'closed' or gate.buy_now < gate.next_minimum then return false end
  if gate.reserve then return not is_reserve_met(gate) end
  return gate.leader == ''
end

local function figures_json(gate)
  local met = 'null'
  if gate.reserve and gate.is_reserve_shown then met = tostring(is_reserve_met(gate)) end
  return string.format('{"state":"%s","ledgerSeq":%d,"priceMinor":%d,"leader":%s,"bidCount":%d,' ..
    '"nextMinimumMinor":%d,"endsAtMs":%d,"extensions":%d,"isReserveMet":%s,"buyNowMinor":%s,"outcome":%s}',
    gate.state, gate.seq, gate.price, gate.leader ~= '' and gate.leader_shown or 'null', gate.bid_count,
    gate.next_minimum, gate.ends_at, gate.extensions, met, is_buy_now_open(gate) and whole(gate.buy_now) or 'null',
    gate.outcome ~= '' and '"' .. gate.outcome .. '"' or 'null')
end

-- One more entry of the ledger, linked to the one before. `entry` holds what, and of a bid: bid, account, paddle, amount,
-- answer, left. Answers the entry's text.
local function log_entry(k, gate, entry, now)
  gate.seq = gate.seq + 1
  gate.last_at = now
  local seq, at, amount = whole(gate.seq), whole(now), entry.amount and whole(entry.amount) or ''
  local bid, paddle = entry.bid or '', entry.paddle or ''
  gate.link = redis.sha1hex(table.concat({ gate.link .. '\n' .. gate.id, seq, entry.what, at, bid, paddle, amount,
    whole(gate.price), gate.leader_paddle, whole(gate.ends_at), gate.outcome }, '|'))
  gate.figures = figures_json(gate)
  local text = table.concat({ seq, entry.what, at, bid, entry.account or '', paddle, amount, entry.answer or '',
    whole(entry.left or 0), gate.leader, gate.outcome, gate.link, gate.figures }, '|')
  redis.call('XADD', k.log, seq .. '-0', 'e', text)
  return text
end

-- Everything that an entry may have changed, at once.
local function save_gate(k, gate)
  redis.call('HSET', k.auction, 'ends_at_ms', whole(gate.ends_at), 'last_at_ms', whole(gate.last_at),
    'price', whole(gate.price), 'next_minimum', whole(gate.next_minimum), 'leader', gate.leader,
    'leader_paddle', gate.leader_paddle, 'leader_shown', gate.leader_shown, 'leader_max', whole(gate.leader_max),
    'bid_count', whole(gate.bid_count), 'extensions', whole(gate.extensions), 'link', gate.link,
    'seq', whole(gate.seq), 'figures', gate.figures)
end
