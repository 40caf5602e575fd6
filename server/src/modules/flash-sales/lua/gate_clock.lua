--[[ Functions of the scripts that move a sale along and keep the show in line with it; gate-scripts.ts puts this text
after gate.lua.
RETURNS nothing by itself
]]

-- The show's state is brought in line where it differs: opening and closing are told as events, figures too. The sale's
-- own facts are only written: their event comes from Postgres, where the sale was made.
local function mend_show(k, gate, now)
  local id = gate.sale_id
  local f = redis.call('HMGET', k.state, 'epoch', 'sale:' .. id, 'state:' .. id, 'remaining:' .. id, 'sold:' .. id)
  if not f[1] then return end
  local shown, sold = whole(math.max(0, gate.remaining)), whole(gate.sold)
  if not f[2] then redis.call('HSET', k.state, 'sale:' .. id, redis.call('HGET', k.gate, 'sale_json')) end
  if not f[4] then redis.call('HSET', k.state, 'remaining:' .. id, shown, 'sold:' .. id, sold) end
  if f[4] and (f[4] ~= shown or f[5] ~= sold) then tell_figures(k, gate, now) end
  if (f[3] or 'scheduled') == gate.state then return end
  redis.call('HSET', k.state, 'state:' .. id, gate.state)
  if gate.state == 'open' then
    append_show_event(gate.run_id, k.state, k.feed, 'flash-sale:opened', 1, '{"flashSaleId":"' .. id .. '"}', now)
  elseif gate.state == 'closed' then
    append_show_event(gate.run_id, k.state, k.feed, 'flash-sale:closed', 1, '{"flashSaleId":"' .. id ..
      '","remainingUnits":' .. shown .. ',"soldUnits":' .. sold .. '}', now)
  end
end

-- Opens and closes the sale when it is time. Answers whether its state changed.
local function move_clock(k, gate, now)
  local state = gate.state
  if state == 'scheduled' and now >= gate.opens_at then state = 'open' end
  if now >= gate.closes_at then state = 'closed' end
  if state == gate.state then return false end
  gate.state = state
  redis.call('HSET', k.gate, 'state', state)
  if state == 'closed' then redis.call('DEL', k.waitlist) end
  return true
end

-- Holds one free unit for each buyer in line, in order, as long as there are units; at most `most` at a time.
-- A buyer who has reached the limit meanwhile leaves the line. Answers {buyer, hold_id, expires_at_ms, ...} as one list.
local function offer_to_waitlist(k, gate, now, most)
  local offers = {}
  if gate.state == 'closed' or now < gate.opens_at or now >= gate.closes_at then return offers end
  while gate.remaining > 0 and most > 0 do
    local buyer = redis.call('ZRANGE', k.waitlist, 0, 0)[1]
    if not buyer then break end
    redis.call('ZREM', k.waitlist, buyer)
    most = most - 1
    if tonumber(redis.call('HGET', k.buyers, buyer) or 0) < gate.per_buyer then
      local hold = make_hold(k, gate, buyer, 1, '', now)
      offers[#offers + 1] = buyer
      offers[#offers + 1] = hold.id
      offers[#offers + 1] = hold.expires
    end
  end
  return offers
end

-- Keeps the gate's keys for `keep_ms` after the end of the sale, and never less than that from now.
local function keep_keys(k, gate, now, keep_ms)
  local lasts_ms = whole(math.max(gate.closes_at, now) - now + keep_ms)
  for _, key in ipairs({ k.gate, k.holds, k.due, k.buyers, k.answers, k.waitlist, k.log }) do
    redis.call('PEXPIRE', key, lasts_ms)
  end
end
