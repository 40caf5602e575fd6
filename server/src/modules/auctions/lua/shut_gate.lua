--[[ Shut the gate of an auction that runs, unless it has an entry since a moment: then it was written anew meanwhile.
KEYS
  1 auction  hash  facts and figures: gate_run_id, state, last_at_ms, …
ARGV
  1 since_ms  by Redis' clock
RETURNS the first that applies
  {'none'}    there is no gate that is open and runs
  {'stands'}
  {'shut'}
]]
local f = redis.call('HMGET', KEYS[1], 'gate_run_id', 'state', 'last_at_ms')
if not f[1] or f[2] ~= 'running' then return { 'none' } end
if tonumber(f[3]) >= tonumber(ARGV[1]) then return { 'stands' } end
redis.call('HDEL', KEYS[1], 'gate_run_id')
return { 'shut' }
