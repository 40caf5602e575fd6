--[[ Append one event to a show's log, as scripts of other modules do. Atomic.
KEYS
  1 state  hash    the show's state
  2 feed   stream  the show's log
ARGV
  1 type     name of the event
  2 version  of the event
  3 data     JSON
  4.. fields field, value, ... of the state that change with it
RETURNS the event's number, 0 when the state is not to be trusted
]]
-- @include now_ms
-- @include append_show_event
local seq = append_show_event(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], now_ms())
if seq == 0 then return 0 end
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
return seq
