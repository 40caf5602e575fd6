--[[ Move one waiting room along with time: end turns, call the next, end the wait when nothing is left to wait for, and
tell the show where the room differs from what it was told.
KEYS
  1 room    hash    counts of the room, what was told of it, run id of the server it was written for
  2 line    zset    waiting buyers by place
  3 called  hash    buyer -> place from which it was called; a ticket for that place is spent
  4 gate    hash    figures of the sale
  5 turns   zset    buyers whose turn it is, by its end
  6 buyers  hash    buyer -> units held or bought
  7 state   hash    state of the show
  8 feed    stream  ordered log of the show
ARGV
  1 run_id       run id of the Redis server that the caller is connected to
  2 sale_id      uuid
  3 seed         of the draw, hexadecimal
  4 total_units  of the sale
  5 turn_ms      length of a turn
  6 settle_ms    rest of the line after a loss, in which tickets are brought
  7 keep_ms      how long the keys are kept after the end of the sale
  8 calls_max    most people called in this step
  9 gap_ms       counts are told at most this often; another state at once
RETURNS the first that applies
  {'gate_closed'}
  {'moved', room_json, is_told, now_ms, {buyer, until_ms, ...}}   is_told: 1 where the show knows the room as it is
]]
local k = room_keys(KEYS)
local a = { run_id = ARGV[1], sale_id = ARGV[2], seed = ARGV[3], total_units = tonumber(ARGV[4]), turn_ms = tonumber(ARGV[5]),
  settle_ms = tonumber(ARGV[6]), keep_ms = tonumber(ARGV[7]) }
local now = now_ms()
local room = read_room(k, a, now)
if not room then return { 'gate_closed' } end
local calls = move_line(k, room, now, tonumber(ARGV[8]))
for _, key in ipairs({ k.room, k.line, k.called, k.turns }) do keep(k, room, now, key, a.keep_ms) end

local json = room_json(k, room)
local field = 'waiting:' .. room.sale_id
local told = redis.call('HGET', k.state, field)
if told ~= json and (not told or room.told_state ~= room.state or now - room.told_at >= tonumber(ARGV[9])) then
  local seq = append_show_event(room.run_id, k.state, k.feed, 'waiting-room:changed', 1, '{"room":' .. json .. '}', now,
    field, json)
  if seq > 0 then
    told = json
    redis.call('HSET', k.room, 'told_at_ms', whole(now), 'told_state', room.state)
  end
end
return { 'moved', json, told == json and 1 or 0, now, calls }
