--[[ Functions that every script of a waiting room shares; scripts.ts puts this text before each of them.
A function leans on its arguments only. `k` holds the room's eight keys by name, `room` what is known of room and sale.
A place is a number that never changes while one waits: early comers have what the draw gave them, below 2^48; later ones
2^48 and the microseconds after the opening.
RETURNS nothing by itself
]]
-- @include now_ms
-- @include append_show_event

local function room_keys(keys)
  return {
    room = keys[1], line = keys[2], called = keys[3], gate = keys[4], turns = keys[5], buyers = keys[6],
    state = keys[7], feed = keys[8],
  }
end

local function whole(number) return string.format('%.0f', number) end

-- The room and its sale, or nil while the sale's gate is shut. A room that another run of the Redis server wrote, or none,
-- is taken over as it is: where the sale is open already, people get `settle_ms` to bring their tickets before the line
-- moves, so that those who come back first get nothing from it.
local function read_room(k, a, now)
  local g = redis.call('HMGET', k.gate, 'gate_run_id', 'state', 'opens_at_ms', 'closes_at_ms', 'remaining_units',
    'sold_units', 'per_buyer')
  if g[1] ~= a.run_id then return nil end
  local f = redis.call('HMGET', k.room, 'run_id', 'early', 'called', 'last_place', 'settles_at_ms', 'ended', 'told_at_ms',
    'told_state')
  local room = {
    run_id = a.run_id, sale_id = a.sale_id, seed = a.seed, opens_at = tonumber(g[3]), closes_at = tonumber(g[4]),
    remaining = tonumber(g[5]), per_buyer = tonumber(g[7]), early = tonumber(f[2] or 0), called = tonumber(f[3] or 0),
    last_place = tonumber(f[4] or 0), settles_at = tonumber(f[5] or 0), ended = f[6] or '', told_at = tonumber(f[7] or 0),
    told_state = f[8] or '', turn_ms = a.turn_ms,
  }
  if f[1] ~= a.run_id then
    room.settles_at = now > room.opens_at and now + a.settle_ms or 0
    redis.call('HSET', k.room, 'run_id', a.run_id, 'settles_at_ms', whole(room.settles_at))
    redis.call('PEXPIRE', k.room, whole(math.max(room.closes_at, now) - now + a.keep_ms))
  end
  if room.ended == '' then
    if tonumber(g[6]) >= a.total_units then room.ended = 'sold-out'
    elseif g[2] == 'closed' or now >= room.closes_at then room.ended = 'closed' end
    if room.ended ~= '' then
      redis.call('HSET', k.room, 'ended', room.ended)
      redis.call('DEL', k.line, k.turns)
    end
  end
  room.state = room.ended ~= '' and 'ended' or (now < room.opens_at and 'gathering' or 'admitting')
  return room
end

local function keep(k, room, now, key, keep_ms)
  redis.call('PEXPIRE', key, whole(math.max(room.closes_at, now) - now + keep_ms))
end

local function units_of(k, buyer) return tonumber(redis.call('HGET', k.buyers, buyer) or 0) end

-- Back to the own place: a turn in which no unit was free was none.
local function put_back(k, room, buyer)
  redis.call('ZREM', k.turns, buyer)
  local place = redis.call('HGET', k.called, buyer)
  if not place or units_of(k, buyer) > 0 then return end
  redis.call('HDEL', k.called, buyer)
  redis.call('ZADD', k.line, place, buyer)
  room.called = room.called - 1
end

-- Ends turns whose time is over and calls as many people as there are units for, and one more for every ten units, because
-- some do not come. Answers {buyer, until_ms, ...} as one list.
local function move_line(k, room, now, most)
  local calls = {}
  if room.state ~= 'admitting' or now < room.settles_at then return calls end
  local before = room.called
  redis.call('ZREMRANGEBYSCORE', k.turns, '-inf', whole(now))
  if room.remaining <= 0 then
    for _, buyer in ipairs(redis.call('ZRANGE', k.turns, 0, most - 1)) do put_back(k, room, buyer) end
  else
    local wanted = room.remaining + math.floor(room.remaining / 10) - redis.call('ZCARD', k.turns)
    while wanted > 0 and most > 0 do
      local first = redis.call('ZPOPMIN', k.line)
      if not first[1] then break end
      most = most - 1
      -- Who has bought meanwhile, as after a loss of the line, only leaves it.
      if units_of(k, first[1]) < room.per_buyer then
        wanted = wanted - 1
        redis.call('ZADD', k.turns, whole(now + room.turn_ms), first[1])
        redis.call('HSET', k.called, first[1], first[2])
        room.called = room.called + 1
        calls[#calls + 1] = first[1]
        calls[#calls + 1] = now + room.turn_ms
      end
    end
  end
  if room.called ~= before then redis.call('HSET', k.room, 'called', whole(room.called)) end
  return calls
end

-- The room as everybody may see it.
local function room_json(k, room)
  return '{"flashSaleId":"' .. room.sale_id .. '","state":"' .. room.state ..
    '","endReason":' .. (room.ended == '' and 'null' or '"' .. room.ended .. '"') ..
    ',"seed":' .. (room.state == 'gathering' and 'null' or '"' .. room.seed .. '"') ..
    ',"earlyCount":' .. whole(room.early) .. ',"waitingCount":' .. whole(redis.call('ZCARD', k.line)) ..
    ',"calledCount":' .. whole(room.called) .. '}'
end
