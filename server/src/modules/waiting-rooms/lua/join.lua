--[[ Give one account its place in line, or tell how it stands. An account has one place, however often it asks.
KEYS
  1 room    hash    counts of the room, what was told of it, run id of the server it was written for
  2 line    zset    waiting buyers by place
  3 called  hash    buyer -> place from which it was called; a ticket for that place is spent
  4 gate    hash    figures of the sale
  5 turns   zset    buyers whose turn it is, by its end
  6 buyers  hash    buyer -> units held or bought
  7 state   hash    state of the show
  8 feed    stream  ordered log of the show
ARGV
  1 run_id        run id of the Redis server that the caller is connected to
  2 sale_id       uuid
  3 seed          of the draw, hexadecimal
  4 total_units   of the sale
  5 turn_ms       length of a turn
  6 settle_ms     rest of the line after a loss, in which tickets are brought
  7 keep_ms       how long the keys are kept after the end of the sale
  8 buyer         uuid
  9 draw_place    what the draw gives this buyer
  10 ticket_place  of a ticket that was checked, 'early' for that of an early comer, '' where there is none
  11 early_ms     how long before the opening people may come
  12 line_max     most people in line
  13 calls_max    most people called in this step
RETURNS the first that applies
  {'gate_closed'}
  {'ended', reason}           sold-out or closed
  {'limit_reached'}
  {'not_open', from_ms}       people may come from then on
  {'full'}
  {'called', place, until_ms, room_json, now_ms, {buyer, until_ms, ...}}
  {'waiting', place, before, room_json, now_ms, {buyer, until_ms, ...}}   with those who were called in this step
]]
local k = room_keys(KEYS)
local a = { run_id = ARGV[1], sale_id = ARGV[2], seed = ARGV[3], total_units = tonumber(ARGV[4]), turn_ms = tonumber(ARGV[5]),
  settle_ms = tonumber(ARGV[6]), keep_ms = tonumber(ARGV[7]) }
local buyer, ticket = ARGV[8], ARGV[10]
local now = now_ms()
local room = read_room(k, a, now)
if not room then return { 'gate_closed' } end
if room.state == 'ended' then return { 'ended', room.ended } end
if units_of(k, buyer) >= room.per_buyer then return { 'limit_reached' } end
if now < room.opens_at - tonumber(ARGV[11]) then return { 'not_open', room.opens_at - tonumber(ARGV[11]) } end

-- The first place that applies: the one in line, the one of a running turn, a ticket's that is not spent, a new one.
local function place_anew()
  if redis.call('ZCARD', k.line) >= tonumber(ARGV[12]) then return false end
  local place
  if ticket ~= '' then
    place = tonumber(ticket == 'early' and ARGV[9] or ticket)
    local spent = redis.call('HGET', k.called, buyer)
    if spent and place <= tonumber(spent) then place = nil end
  end
  if not place and room.state == 'gathering' then place = tonumber(ARGV[9]) end
  if not place then
    local time = redis.call('TIME')
    local since_us = math.max(0, tonumber(time[1]) * 1000000 + tonumber(time[2]) - room.opens_at * 1000)
    place = math.max(281474976710656 + since_us, room.last_place + 1)
    room.last_place = place
    redis.call('HSET', k.room, 'last_place', whole(place))
  end
  redis.call('ZADD', k.line, whole(place), buyer)
  if place < 281474976710656 then room.early = redis.call('HINCRBY', k.room, 'early', 1) end
  return true
end

local function has_turn() return tonumber(redis.call('ZSCORE', k.turns, buyer) or 0) > now end
if not redis.call('ZSCORE', k.line, buyer) and not has_turn() then
  if not place_anew() then return { 'full' } end
  if redis.call('ZCARD', k.line) == 1 then keep(k, room, now, k.line, a.keep_ms) end
end
local calls = move_line(k, room, now, tonumber(ARGV[13]))
if #calls > 0 then
  keep(k, room, now, k.called, a.keep_ms)
  keep(k, room, now, k.turns, a.keep_ms)
end
local json = room_json(k, room)
local place = redis.call('ZSCORE', k.line, buyer)
if place then
  return { 'waiting', whole(tonumber(place)), redis.call('ZRANK', k.line, buyer), json, now, calls }
end
local turn = redis.call('ZSCORE', k.turns, buyer)
return { 'called', redis.call('HGET', k.called, buyer), tonumber(turn), json, now, calls }
