--[[ Functions that tell the room of an auction, close it, and keep the show's state in line with it; auction-scripts.ts
puts this text after gate_bids.lua.
RETURNS nothing by itself
]]

-- Tells an event and writes the figures, and further fields, to the show's state; nothing where it is not trusted.
local function tell(k, gate, event, data_json, now, ...)
  append_show_event(gate.run_id, k.state, k.feed, event, 1, data_json, now, 'figures:' .. gate.id, gate.figures, ...)
end

local function tell_price(k, gate, now)
  tell(k, gate, 'auction:price-changed', '{"auctionId":"' .. gate.id .. '","figures":' .. gate.figures .. '}', now)
end

local function tell_closed(k, gate, now)
  tell(k, gate, 'auction:closed', '{"auctionId":"' .. gate.id .. '","figures":' .. gate.figures .. ',"closedAtMs":' ..
    whole(gate.closed_at) .. ',"link":"' .. gate.link .. '"}', now)
end

-- `auction_json` is kept without its figures and its last brace.
local function tell_started(k, gate, now, auction_json)
  local whole_json = auction_json .. ',"figures":' .. gate.figures .. '}'
  tell(k, gate, 'auction:started', '{"auction":' .. whole_json .. '}', now, 'auction:' .. gate.id, whole_json)
end

-- The hammer: the last entry of the ledger. What the leader has committed becomes the price, or nothing.
local function close_auction(k, gate, now, outcome)
  gate.state, gate.outcome, gate.closed_at = 'closed', outcome, now
  if outcome == 'unsold' then commit(k, gate.leader, -gate.leader_max)
  else commit(k, gate.leader, gate.price - gate.leader_max) end
  log_entry(k, gate, { what = 'closed' }, now)
  save_gate(k, gate)
  redis.call('HSET', k.auction, 'state', 'closed', 'outcome', outcome, 'closed_at_ms', whole(now))
end

-- Brings the show's state in line where it differs. A closed auction that the state has dropped stays dropped.
local function mend_show(k, gate, now)
  local f = redis.call('HMGET', k.state, 'epoch', 'run', 'auction:' .. gate.id, 'figures:' .. gate.id)
  if not f[1] or f[2] ~= gate.run_id or f[4] == gate.figures then return end
  if gate.state == 'closed' then
    if f[3] then tell_closed(k, gate, now) end
  elseif f[3] then
    tell_price(k, gate, now)
  else
    tell_started(k, gate, now, redis.call('HGET', k.auction, 'auction_json'))
  end
end
