--[[ Count a lot that went on to a runner-up to the own limit, once.
KEYS
  1 entrants     hash  run, and account -> entrant
  2 commitments  hash  account -> minor units of leading maxima and wins; taken|auction|account -> what was counted
ARGV
  1 run_id      run id of the Redis server that the caller is connected to
  2 taken       field that says that it is counted
  3 account_id  uuid
  4 minor       what the lot costs the runner-up
RETURNS the first that applies
  {'gate_closed'}  the desk is missing or of another run: open it from Postgres, then bind again
  {'bound'}
]]
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return { 'gate_closed' } end
if redis.call('HSETNX', KEYS[2], ARGV[2], ARGV[4]) == 1 then
  redis.call('HINCRBY', KEYS[2], ARGV[3], ARGV[4])
  if redis.call('PTTL', KEYS[2]) < 0 then redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1])) end
end
return { 'bound' }
