--[[ Append one event to a show's ordered log: the next number, and the stream entry of that number, in one step.
  state_key  hash    fields epoch, run, seq among others
  feed_key   stream  entry <seq>-0: e epoch, t type, v version, d data (JSON), a at_ms
  now        epoch milliseconds, from now_ms()
RETURNS the event's number, or 0 with nothing appended when the state is not to be trusted: it is missing, or this
Redis server was restarted since it was written and may have forgotten its last moments. The live module rebuilds it.
]]
local function append_show_event(state_key, feed_key, event_type, version, data_json, now)
  local state = redis.call('HMGET', state_key, 'epoch', 'run')
  if not state[1] then return 0 end
  if state[2] ~= string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') then return 0 end
  local seq = redis.call('HINCRBY', state_key, 'seq', 1)
  redis.call('XADD', feed_key, 'MAXLEN', '~', 5000, string.format('%d-0', seq),
    'e', state[1], 't', event_type, 'v', version, 'd', data_json, 'a', string.format('%d', now))
  return seq
end
