--[[ Append one event to a show's ordered log: the next number, the stream entry of that number, and what changes in the
show's state with it, in one step.
  run_id     run id of the Redis server that the caller is connected to, as its connection knows it: asking the server
             here takes 6 us, a third of a whole bid (2026-11-22)
  state_key  hash    fields epoch, run, seq among others
  feed_key   stream  entry <seq>-0: e epoch, t type, v version, d data (JSON), a at_ms
  now        epoch milliseconds, from now_ms()
  ...        field, value, ... of the state that change with the event
RETURNS the event's number, or 0 with nothing written when the state is not to be trusted: it is missing, or this
Redis server was restarted since it was written and may have forgotten its last moments. The live module rebuilds it.
]]
local function append_show_event(run_id, state_key, feed_key, event_type, version, data_json, now, ...)
  local state = redis.call('HMGET', state_key, 'epoch', 'run', 'seq')
  if not state[1] or state[2] ~= run_id then return 0 end
  local seq = string.format('%d', tonumber(state[3]) + 1)
  redis.call('HSET', state_key, 'seq', seq, ...)
  redis.call('XADD', feed_key, 'MAXLEN', '~', 5000, seq .. '-0',
    'e', state[1], 't', event_type, 'v', version, 'd', data_json, 'a', string.format('%d', now))
  return tonumber(seq)
end
