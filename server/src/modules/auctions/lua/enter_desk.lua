--[[ Take in an entrant, or what has changed of one. A bar that stands is lifted by bar_entrant only.
KEYS
  1 entrants     hash  run, and account -> entrant
  2 commitments  hash  account -> minor units of leading maxima and wins
ARGV
  1 run_id      run id of the Redis server that the caller is connected to
  2 account_id  uuid
  3 before      the entrant's text up to what it is barred for
  4 barred_for  a reason or ''
  5 after       the rest of the text
  6 desk_ms     how long the desk is kept from now on
RETURNS the first that applies
  {'gate_closed'}  the desk is missing or of another run: open it from Postgres, then enter again
  {'entered'}
]]
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return { 'gate_closed' } end
local barred_for = ARGV[4]
local standing = redis.call('HGET', KEYS[1], ARGV[2])
if standing and barred_for == '' then barred_for = string.match(standing, '^%d+|%d*|([%a_]*)|') end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3] .. '|' .. barred_for .. '|' .. ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return { 'entered' }
