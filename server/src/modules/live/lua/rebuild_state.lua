--[[ Write a show's state anew, under a new epoch, unless it is there and was written under this run of the server.
Atomic: of several processes that rebuild at once one wins.
KEYS
  1 state  hash    the show's state; see keys.ts
  2 feed   stream  the show's log
ARGV
  1 epoch    the new epoch
  2 ttl_ms   keep the state this long from now, 0 = for good
  3.. fields field, value, ... of the new state
RETURNS the first that applies
  {'kept', epoch}     nothing was lost, or another process was faster
  {'rebuilt', epoch}
]]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local old = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'seq', 'outbox')
if old[1] and old[2] == run then return { 'kept', old[1] } end
-- The log goes on counting where it can, so that readers see the new epoch as the next entry.
if not old[3] then redis.call('DEL', KEYS[2]) end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'run', run, 'seq', old[3] or '0', 'outbox', old[4] or '0')
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return { 'rebuilt', ARGV[1] }
