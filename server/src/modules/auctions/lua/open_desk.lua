--[[ Write the desk of a show from Postgres: who may bid, and what each has committed. Keeps a desk that stands.
KEYS
  1 entrants     hash  run, and account -> entrant
  2 commitments  hash  account -> minor units of leading maxima and wins; taken|auction|account -> what was counted
ARGV
  1 run_id       run id of the Redis server that the caller is connected to
  2 read_run_id  the same, before Postgres was read
  3 read_at_ms   Redis' time before Postgres was read
  4 stale_ms     how old that reading may be
  5 desk_ms      how long the desk is kept
  6 entrants     {account: entrant}
  7 commitments  {field: minor units}
RETURNS the first that applies
  {'stands'}  it is open already
  {'stale'}   the reading is too old, or was made in another run: read Postgres, try again
  {'opened'}
]]
-- @include now_ms

if redis.call('HGET', KEYS[1], 'run') == ARGV[1] then return { 'stands' } end
if ARGV[1] ~= ARGV[2] or now_ms() - tonumber(ARGV[3]) > tonumber(ARGV[4]) then return { 'stale' } end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'run', ARGV[1])
for account, text in pairs(cjson.decode(ARGV[6])) do redis.call('HSET', KEYS[1], account, text) end
for account, amount in pairs(cjson.decode(ARGV[7])) do
  redis.call('HSET', KEYS[2], account, string.format('%.0f', amount))
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return { 'opened' }
