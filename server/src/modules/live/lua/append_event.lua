--[[ Append one event of the outbox to a show's log and change the state with it. Atomic.
KEYS
  1 state  hash    the show's state; see keys.ts
  2 feed   stream  the show's log
ARGV
  1 outbox_id  integer; rows come in this order, so one at or below the last applied was applied before
  2 type       name of the event
  3 version    of the event
  4 data       JSON
  5 ttl_ms     keep the state this long from now, 0 = for good
  6.. fields   field, value, ... of the state that change with the event
RETURNS the first that applies
  {'lost'}             the state must be rebuilt first
  {'repeated'}         applied before; nothing done
  {'appended', seq}
]]
-- @include now_ms
-- @include append_show_event
local applied = tonumber(redis.call('HGET', KEYS[1], 'outbox') or '0')
local id = tonumber(ARGV[1])
if applied >= id then return { 'repeated' } end
local seq = append_show_event(KEYS[1], KEYS[2], ARGV[2], ARGV[3], ARGV[4], now_ms())
if seq == 0 then return { 'lost' } end
redis.call('HSET', KEYS[1], 'outbox', ARGV[1])
for i = 6, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[5] ~= '0' then
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
return { 'appended', seq }
