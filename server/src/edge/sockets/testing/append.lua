--[[ Append one event to a show's log, as scripts of other modules do. Atomic.
KEYS
  1 state  hash    the show's state
  2 feed   stream  the show's log
ARGV
  1 run_id   run id of the Redis server that the caller is connected to
  2 type     name of the event
  3 version  of the event
  4 data     JSON
  5.. fields field, value, ... of the state that change with it
RETURNS the event's number, 0 when the state is not to be trusted
]]
-- @include now_ms
-- @include append_show_event
return append_show_event(ARGV[1], KEYS[1], KEYS[2], ARGV[2], ARGV[3], ARGV[4], now_ms(), unpack(ARGV, 5))
