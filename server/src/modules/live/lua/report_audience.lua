--[[ One process reports its viewers of a show and the hearts they gave; everyone's sums come back. Atomic.
KEYS
  1 viewers  hash    process id -> '<count>:<valid until, epoch ms>'
  2 hearts   string  counter
ARGV
  1 process_id  '' = only ask
  2 viewers     integer
  3 hearts      integer, to be added
  4 ttl_ms      how long the report stands when no other follows: a dead process's viewers vanish then
RETURNS
  {'audience', viewers, hearts}
]]
-- @include now_ms
local now = now_ms()
if ARGV[1] ~= '' then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%d:%d', ARGV[2], now + tonumber(ARGV[4])))
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
local hearts = tonumber(redis.call('GET', KEYS[2]) or '0')
if ARGV[3] ~= '0' then
  hearts = redis.call('INCRBY', KEYS[2], ARGV[3])
  redis.call('EXPIRE', KEYS[2], 604800)
end
local viewers = 0
local reports = redis.call('HGETALL', KEYS[1])
for i = 1, #reports, 2 do
  local count, until_ms = string.match(reports[i + 1], '^(%d+):(%d+)$')
  if tonumber(until_ms) > now then
    viewers = viewers + tonumber(count)
  else
    redis.call('HDEL', KEYS[1], reports[i])
  end
end
return { 'audience', viewers, hearts }
