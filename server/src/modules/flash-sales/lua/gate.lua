--[[ Functions that every script of the gate shares; gate-scripts.ts puts this text before each of them.
A function leans on its arguments only. `k` holds the gate's nine keys by name, `gate` its figures as numbers.
A hold is kept as 'buyer|units|how|expires_at_ms|operation_id|remaining'; how is live, restored, paying or claimed:
  live      unpaid; its end is decided by Redis' time alone
  restored  came from Postgres; it may be paid for already, so its end is decided by Postgres
  paying    payment began; its end is decided by Postgres
  claimed   Postgres holds units for it; it has no deadline here
RETURNS nothing by itself
]]
-- @include now_ms
-- @include append_show_event

local function gate_keys(keys)
  return {
    gate = keys[1], holds = keys[2], due = keys[3], buyers = keys[4], answers = keys[5],
    waitlist = keys[6], log = keys[7], state = keys[8], feed = keys[9],
  }
end

-- Figures of the gate, or nil where it is missing or was written for another run of the Redis server.
local function read_gate(k, run_id)
  local f = redis.call('HMGET', k.gate, 'gate_run_id', 'generation', 'sale_id', 'state', 'opens_at_ms', 'closes_at_ms',
    'remaining_units', 'sold_units', 'per_buyer', 'hold_ms', 'payment_ms', 'seq', 'by_turn')
  if f[1] ~= run_id then return nil end
  return {
    run_id = run_id, generation = f[2], sale_id = f[3], state = f[4], opens_at = tonumber(f[5]),
    closes_at = tonumber(f[6]), remaining = tonumber(f[7]), sold = tonumber(f[8]), per_buyer = tonumber(f[9]),
    hold_ms = tonumber(f[10]), payment_ms = tonumber(f[11]), seq = tonumber(f[12]),
    by_turn = f[13] == '1',
  }
end

local function whole(number) return string.format('%.0f', number) end

local function read_hold(k, hold_id)
  local text = redis.call('HGET', k.holds, hold_id)
  if not text then return nil end
  local buyer, units, how, expires, operation_id, remaining =
    string.match(text, '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)$')
  return {
    id = hold_id, buyer = buyer, units = tonumber(units), how = how, expires = tonumber(expires),
    operation_id = operation_id, remaining = tonumber(remaining),
  }
end

local function write_hold(k, hold)
  redis.call('HSET', k.holds, hold.id, table.concat({ hold.buyer, whole(hold.units), hold.how, whole(hold.expires),
    hold.operation_id, whole(hold.remaining) }, '|'))
end

-- One more entry of the log that the persister copies to Postgres, numbered without a gap. Keeps `remaining` with it.
local function log_hold(k, gate, what, hold)
  gate.seq = gate.seq + 1
  redis.call('HSET', k.gate, 'seq', whole(gate.seq), 'remaining_units', whole(gate.remaining))
  redis.call('XADD', k.log, whole(gate.seq) .. '-0', 'what', what, 'hold', hold.id, 'buyer', hold.buyer,
    'units', whole(hold.units), 'expires', whole(hold.expires), 'operation', hold.operation_id,
    'remaining', whole(hold.remaining))
end

local function move_remaining(k, gate, units)
  gate.remaining = gate.remaining + units
  redis.call('HSET', k.gate, 'remaining_units', whole(gate.remaining))
end

-- A UUIDv7 from the time, the gate's secret generation and the next number of its log: unique and not to be guessed.
local function next_hold_id(gate, now)
  local time = string.format('%012x', now)
  local rest = redis.sha1hex(gate.generation .. ':' .. whole(gate.seq + 1))
  return string.sub(time, 1, 8) .. '-' .. string.sub(time, 9, 12) .. '-7' .. string.sub(rest, 1, 3) ..
    '-8' .. string.sub(rest, 4, 6) .. '-' .. string.sub(rest, 7, 18)
end

local function make_hold(k, gate, buyer, units, operation_id, now)
  local hold = { id = next_hold_id(gate, now), buyer = buyer, units = units, how = 'live', expires = now + gate.hold_ms,
    operation_id = operation_id, remaining = math.max(0, gate.remaining - units) }
  gate.remaining = gate.remaining - units
  write_hold(k, hold)
  redis.call('ZADD', k.due, whole(hold.expires), hold.id)
  redis.call('HINCRBY', k.buyers, buyer, whole(units))
  log_hold(k, gate, 'held', hold)
  return hold
end

-- How a hold of this buyer has ended; nil for one that has not, and for another buyer's.
local function end_of(k, hold_id, buyer)
  local how, whose = string.match(redis.call('HGET', k.answers, 'end:' .. hold_id) or '', '^([^|]+)|?(.*)$')
  return (whose == buyer or whose == '') and how or nil
end

-- Ends a hold for good. `how` is released, expired or settled; the first two give its units back.
local function end_hold(k, gate, hold, how)
  redis.call('HDEL', k.holds, hold.id)
  redis.call('ZREM', k.due, hold.id)
  redis.call('HSET', k.answers, 'end:' .. hold.id, how .. '|' .. hold.buyer)
  if how == 'settled' then
    gate.sold = gate.sold + hold.units
    redis.call('HSET', k.gate, 'sold_units', whole(gate.sold))
    return
  end
  move_remaining(k, gate, hold.units)
  if redis.call('HINCRBY', k.buyers, hold.buyer, whole(-hold.units)) <= 0 then
    redis.call('HDEL', k.buyers, hold.buyer)
  end
end

-- Tells the figures to the show: its log and its state, or nothing where the show has no state at this moment.
local function tell_figures(k, gate, now)
  local shown = whole(math.max(0, gate.remaining))
  local sold = whole(gate.sold)
  append_show_event(gate.run_id, k.state, k.feed, 'flash-sale:stock-changed', 1, '{"flashSaleId":"' .. gate.sale_id ..
    '","remainingUnits":' .. shown .. ',"soldUnits":' .. sold .. '}', now,
    'remaining:' .. gate.sale_id, shown, 'sold:' .. gate.sale_id, sold)
end
