--[[ Decide whether one person may say a line now. Atomic, over all processes.
KEYS
  1 said  string  what the same operation was answered with before
  2 slow  string  present while the person must wait
ARGV
  1 line         JSON, kept for a repetition
  2 repeat_ms    how long a repetition is recognised
  3 slow_ms      time between two lines of one person, 0 = off
RETURNS the first that applies
  {'repeated', line}
  {'slow', wait_ms}
  {'accepted'}
]]
local said = redis.call('GET', KEYS[1])
if said then return { 'repeated', said } end
local wait_ms = redis.call('PTTL', KEYS[2])
if wait_ms > 0 and ARGV[3] ~= '0' then return { 'slow', wait_ms } end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if ARGV[3] ~= '0' then redis.call('SET', KEYS[2], '1', 'PX', ARGV[3]) end
return { 'accepted' }
