--[[ Write the gate anew from Postgres and open it for this run of the server, in one step. Also makes a sale's first gate.
Refuses unless the log has been copied to Postgres whole, so that no acknowledged hold is forgotten.
KEYS
  1 gate      hash    figures of the sale: run id of the server it was written for, times, units, limits
  2 holds     hash    hold id -> hold that has not ended
  3 due       zset    hold id by the time its end is due
  4 buyers    hash    buyer -> units held or bought
  5 answers   hash    op:buyer:operation -> answer, wait:buyer:operation -> place, end:hold -> how it ended|buyer
  6 waitlist  zset    buyer by order of arrival
  7 log       stream  what happened to holds, for Postgres
  8 state     hash    state of the show
  9 feed      stream  ordered log of the show
ARGV
  1 run_id        run id of the Redis server that the caller is connected to
  2 generation    generation of the gate when its log was copied, '' where there was no gate
  3 seq           how far its log was copied
  4 read_at_ms    Redis' time before Postgres was read
  5 stale_ms      how old that reading may be
  6 keep_ms       how long the keys are kept after the end of the sale
  7 gate_json     {field: value} of the new gate
  8 holds_json    open and ended holds as rows (id, buyer, units, expires_at_ms, operation_id, remaining, how), and what
                  each buyer holds or bought: {open: rows, ended: rows, buyers: {buyer: units}}
RETURNS the first that applies
  {'stands'}       it is open already
  {'not_copied'}   the log has grown or is another one: copy it, read Postgres, try again
  {'stale'}        the reading is too old: read Postgres, try again
  {'opened', now_ms}
]]
local k = gate_keys(KEYS)
if read_gate(k, ARGV[1]) then return { 'stands' } end
local known = redis.call('HMGET', k.gate, 'generation', 'seq', 'arrivals')
if (known[1] or '') ~= ARGV[2] or (known[1] and tonumber(known[2]) ~= tonumber(ARGV[3])) then return { 'not_copied' } end
local now = now_ms()
if now - tonumber(ARGV[4]) > tonumber(ARGV[5]) then return { 'stale' } end
local facts, holds = cjson.decode(ARGV[7]), cjson.decode(ARGV[8])

redis.call('DEL', k.gate, k.holds, k.due, k.buyers, k.answers, k.log)
for field, value in pairs(facts) do redis.call('HSET', k.gate, field, value) end
redis.call('HSET', k.gate, 'gate_run_id', ARGV[1], 'seq', '0', 'arrivals', known[3] or '0')
local function remember(row)
  if row[5] == '' then return end
  redis.call('HSET', k.answers, 'op:' .. row[2] .. ':' .. row[5],
    table.concat({ row[1], whole(row[3]), whole(row[4]), whole(row[6]) }, '|'))
end
for _, row in ipairs(holds.open) do
  local hold = { id = row[1], buyer = row[2], units = row[3], expires = row[4], operation_id = row[5], remaining = row[6],
    how = row[7] }
  write_hold(k, hold)
  if hold.how ~= 'claimed' then redis.call('ZADD', k.due, whole(hold.expires), hold.id) end
  remember(row)
end
for _, row in ipairs(holds.ended) do
  redis.call('HSET', k.answers, 'end:' .. row[1], row[7] .. '|' .. row[2])
  remember(row)
end
for buyer, units in pairs(holds.buyers) do redis.call('HSET', k.buyers, buyer, whole(units)) end

local gate = read_gate(k, ARGV[1])
move_clock(k, gate, now)
mend_show(k, gate, now)
keep_keys(k, gate, now, tonumber(ARGV[6]))
return { 'opened', now }
