--[[ Read the entries after `after`, and how the gate stands. Forgets the entries up to `seq`: they are in Postgres.
KEYS
  1 auction   hash    facts and figures: gate_run_id, generation, state, closed_at_ms, seq, …
  2 answers   hash    bid id -> entry of the accepted bid
  3 log       stream  entries of the ledger for Postgres, ids '<seq>-0' without a gap
  4 entrants  hash    run, and account -> entrant
ARGV
  1 run_id   run id of the Redis server that the caller is connected to
  2 seq      last entry in Postgres
  3 after    last entry that the caller has, in Postgres or on its way there
  4 most     entries to read
  5 keep_ms  how long the keys of a closed auction are kept after the close, once all entries are in Postgres
RETURNS the first that applies
  {'no_gate', now_ms}
  {'read', now_ms, stands, generation, seq_of_gate, state, refused_late, extensions, entries}
    stands: 1 where the gate and its desk are open for this run, else 0
]]
-- @include now_ms

local f = redis.call('HMGET', KEYS[1], 'gate_run_id', 'generation', 'seq', 'state', 'refused_late', 'extensions',
  'closed_at_ms')
if not f[2] then return { 'no_gate', now_ms() } end
local from = tonumber(ARGV[2])
if from > 0 then redis.call('XTRIM', KEYS[3], 'MINID', string.format('%.0f-0', from + 1)) end
local entries, next_id = {}, string.format('%.0f-0', tonumber(ARGV[3]) + 1)
for _, entry in ipairs(redis.call('XRANGE', KEYS[3], next_id, '+', 'COUNT', ARGV[4])) do
  entries[#entries + 1] = entry[2][2]
end
local stands = f[1] == ARGV[1] and redis.call('HGET', KEYS[4], 'run') == ARGV[1] and 1 or 0
if f[4] == 'closed' and from >= tonumber(f[3]) then
  local until_ms = string.format('%.0f', tonumber(f[7]) + tonumber(ARGV[5]))
  for i = 1, 3 do redis.call('PEXPIREAT', KEYS[i], until_ms) end
end
return { 'read', now_ms(), stands, f[2], tonumber(f[3]), f[4], tonumber(f[5]), tonumber(f[6]), entries }
