--[[ Append one event of the outbox to a show's log and change the state with it. Atomic.
KEYS
  1 state  hash    the show's state; see keys.ts
  2 feed   stream  the show's log
ARGV
  1 run_id     run id of the Redis server that the caller is connected to
  2 outbox_id  integer; rows come in this order, so one at or below the last applied was applied before
  3 type       name of the event
  4 version    of the event
  5 data       JSON
  6 ttl_ms     keep the state this long from now, 0 = for good
  7.. fields   field, value, ... of the state that change with the event
RETURNS the first that applies
  {'lost'}             the state must be rebuilt first
  {'repeated'}         applied before; nothing done
  {'appended', seq}
]]
-- @include now_ms
-- @include append_show_event
local applied = tonumber(redis.call('HGET', KEYS[1], 'outbox') or '0')
local id = tonumber(ARGV[2])
if applied >= id then return { 'repeated' } end
local seq = append_show_event(ARGV[1], KEYS[1], KEYS[2], ARGV[3], ARGV[4], ARGV[5], now_ms(), 'outbox', ARGV[2],
  unpack(ARGV, 7))
if seq == 0 then return { 'lost' } end
if ARGV[6] ~= '0' then
  redis.call('PEXPIRE', KEYS[1], ARGV[6])
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
end
return { 'appended', seq }
