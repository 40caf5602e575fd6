--[[ Read what happened to holds since `seq`, and how the gate stands. Forgets the entries up to `seq`: they are copied.
KEYS
  1 gate  hash    figures of the sale
  2 log   stream  what happened to holds, entry ids '<seq>-0' without a gap
ARGV
  1 run_id      run id of the Redis server that the caller is connected to
  2 generation  of the log that was copied up to `seq`; another one is read from its beginning
  3 seq         how far it was copied
  4 most        entries to read
RETURNS the first that applies
  {'no_gate', now_ms}
  {'read', now_ms, stands, generation, seq_of_gate, remaining_units, sold_units, entries}
    stands: 1 where the gate is open for this run, else 0
    entries: one flat list, of each entry the pairs seq, what, hold, buyer, units, expires, operation, remaining
]]
-- @include now_ms

local f = redis.call('HMGET', KEYS[1], 'gate_run_id', 'generation', 'seq', 'remaining_units', 'sold_units')
if not f[2] then return { 'no_gate', now_ms() } end
local from = 0
if f[2] == ARGV[2] then
  from = tonumber(ARGV[3])
  if from > 0 then redis.call('XTRIM', KEYS[2], 'MINID', string.format('%.0f-0', from + 1)) end
end
local flat = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], string.format('%.0f-0', from + 1), '+', 'COUNT', tonumber(ARGV[4]))) do
  flat[#flat + 1] = 'seq'
  flat[#flat + 1] = string.match(entry[1], '^%d+')
  for _, text in ipairs(entry[2]) do flat[#flat + 1] = text end
end
return { 'read', now_ms(), f[1] == ARGV[1] and 1 or 0, f[2], tonumber(f[3]), tonumber(f[4]), tonumber(f[5]), flat }
