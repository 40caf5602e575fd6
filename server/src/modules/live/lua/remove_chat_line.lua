--[[ Take a line out of the lines kept for people who join. Atomic.
KEYS
  1 chat  list  the last lines, JSON, newest first
ARGV
  1 chat_line_id  uuid
RETURNS the first that applies
  {'removed'}
  {'absent'}
]]
for _, line in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if cjson.decode(line).chatLineId == ARGV[1] then
    redis.call('LREM', KEYS[1], 1, line)
    return { 'removed' }
  end
end
return { 'absent' }
