--[[ Bar an entrant from bidding, or lift the bar.
KEYS
  1 entrants  hash  run, and account -> entrant
ARGV
  1 run_id      run id of the Redis server that the caller is connected to
  2 account_id  uuid
  3 barred_for  a reason, '' lifts it
RETURNS the first that applies
  {'gate_closed'}  the desk is missing or of another run: open it from Postgres
  {'not_entered'}
  {'barred'}
]]
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return { 'gate_closed' } end
local text = redis.call('HGET', KEYS[1], ARGV[2])
if not text then return { 'not_entered' } end
local before, after = string.match(text, '^(%d+|%d*|)[%a_]*(|.*)$')
redis.call('HSET', KEYS[1], ARGV[2], before .. ARGV[3] .. after)
return { 'barred' }
