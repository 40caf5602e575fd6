--[[ Functions of the scripts that decide bids and purchases; auction-scripts.ts puts this text after gate.lua.
`bid` holds id, account, kind, amount and is_sure as they were asked.
RETURNS nothing by itself
]]

-- What the caller is told of a decision, with `more`: reason, limit_left, outbid, maximum, next_minimum.
local function decision(gate, bid, now, code, more)
  local entrant = gate.entrant
  local maximum = more.maximum or (gate.leader == bid.account and gate.leader_max) or ''
  return { code, 0, more.reason or '', entrant and entrant.paddle or '', gate.seq, gate.link, now,
    more.left or time_left(gate, now), more.next_minimum or gate.next_minimum, maximum, more.limit_left or '',
    gate.figures, more.outbid or '' }
end

-- The answer of an accepted bid that comes again, or key_reused where another one had its id; nil for a new bid.
local function answer_again(k, gate, bid)
  local text = redis.call('HGET', k.answers, bid.id)
  if not text then return nil end
  local seq, what, at, account, paddle, amount, answer, left, link, figures = string.match(text,
    '^(%d+)|([^|]*)|(%d+)|[^|]*|([^|]*)|(%d*)|(%d*)|([^|]*)|(%d+)|[^|]*|[^|]*|([^|]*)|(.*)$')
  if account ~= bid.account or what ~= bid.kind or tonumber(amount) ~= bid.amount then
    return decision(gate, bid, moment(gate), 'key_reused', {})
  end
  return { answer, 1, '', paddle, tonumber(seq), link, tonumber(at), tonumber(left),
    tonumber(string.match(figures, '"nextMinimumMinor":(%d+)')), tonumber(amount), '', figures, '' }
end

-- Why this account may not bid, or nil.
local function bar_of(gate)
  local entrant = gate.entrant
  if not entrant then return 'not_entered' end
  if entrant.barred_for ~= '' then return entrant.barred_for end
  if string.find(',' .. entrant.brands .. ',', ',' .. gate.brand .. ',', 1, true) then return 'own_lot' end
  return nil
end

-- The refusal of anything that is asked by the wrong person or at the wrong time, or nil. A bid that comes within
-- ten seconds after the end is counted as late.
local function refuse_person_or_time(k, gate, bid, now)
  local reason = bar_of(gate)
  if reason then return decision(gate, bid, now, 'not_eligible', { reason = reason }) end
  if now < gate.started_at then return decision(gate, bid, now, 'not_started', {}) end
  if gate.state ~= 'closed' and now < gate.ends_at then return nil end
  local over_since = gate.state == 'closed' and gate.closed_at or gate.ends_at
  if now - over_since <= 10000 then redis.call('HINCRBY', k.auction, 'refused_late', 1) end
  return decision(gate, bid, now, 'closed', {})
end

-- What the account's own limit still allows in this auction where `amount` is beyond it, or nil.
local function limit_left_below(k, gate, bid, amount)
  local limit = gate.entrant.limit
  if not limit then return nil end
  local committed = tonumber(redis.call('HGET', k.commitments, bid.account) or 0)
  if gate.leader == bid.account then committed = committed - gate.leader_max end
  if committed + amount <= limit then return nil end
  return math.max(0, limit - committed)
end

local function refuse_amount(k, gate, bid, now)
  if gate.type ~= 'english' then return decision(gate, bid, now, 'wrong_type', {}) end
  local least, low = gate.next_minimum, 'too_low'
  if gate.leader == bid.account then
    if bid.amount <= gate.leader_max then return decision(gate, bid, now, 'own_is_higher', {}) end
    -- Raises by less would let one account fill the ledger for nothing.
    least, low = math.max(least, gate.leader_max + increment_at(gate, gate.leader_max)), 'raise_too_small'
  end
  if bid.amount < least then return decision(gate, bid, now, low, { next_minimum = least }) end
  if bid.amount > 10 * gate.next_minimum and not bid.is_sure then return decision(gate, bid, now, 'far_above_price', {}) end
  local limit_left = limit_left_below(k, gate, bid, bid.amount)
  return limit_left and decision(gate, bid, now, 'over_limit', { limit_left = limit_left }) or nil
end

local function commit(k, account, amount)
  if account ~= '' and amount ~= 0 then redis.call('HINCRBY', k.commitments, account, whole(amount)) end
end

-- Makes the bidder the leader at `price`; the one before is free of the commitment.
local function lead(k, gate, bid, price)
  if gate.leader ~= bid.account then
    commit(k, gate.leader, -gate.leader_max)
    commit(k, bid.account, bid.amount)
  else
    commit(k, bid.account, bid.amount - gate.leader_max)
  end
  gate.price, gate.leader, gate.leader_max = price, bid.account, bid.amount
  gate.leader_paddle, gate.leader_shown = gate.entrant.paddle, gate.entrant.shown
end

-- Lets the bid meet the leader's maximum. Answers leading or outbid.
local function contest(k, gate, bid)
  local old, leader_max = gate.leader, gate.leader_max
  if old ~= '' and old ~= bid.account and bid.amount <= leader_max then
    gate.price = math.min(leader_max, bid.amount + increment_at(gate, bid.amount))
    return 'outbid'
  end
  local price = gate.price
  if old == '' then price = gate.start_price
  elseif old ~= bid.account then price = math.min(bid.amount, leader_max + increment_at(gate, leader_max)) end
  -- Who leads already never bids against the own maximum.
  if bid.kind == 'bid' and old ~= bid.account then price = bid.amount end
  if gate.reserve and bid.amount >= gate.reserve then price = math.max(price, gate.reserve) end
  lead(k, gate, bid, price)
  return 'leading'
end

-- Takes a bid that nothing speaks against: figures, end, ledger and answer. Answers leading or outbid.
local function accept_bid(k, gate, bid, now)
  local old_price, old_leader, left = gate.price, gate.leader, time_left(gate, now)
  local answer = contest(k, gate, bid)
  gate.bid_count = gate.bid_count + 1
  gate.next_minimum = gate.price + increment_at(gate, gate.price)
  local moved = gate.price ~= old_price or gate.leader ~= old_leader
  if moved and bid.kind ~= 'pre-bid' and gate.extension_ms > 0 and left <= gate.window_ms then
    local ends_at = math.min(now + gate.extension_ms, gate.cap_at or math.huge)
    if ends_at > gate.ends_at then gate.ends_at, gate.extensions = ends_at, gate.extensions + 1 end
  end
  redis.call('HSET', k.answers, bid.id, log_entry(k, gate, { what = bid.kind, bid = bid.id, account = bid.account,
    paddle = gate.entrant.paddle, amount = bid.amount, answer = answer, left = left }, now))
  return answer
end
