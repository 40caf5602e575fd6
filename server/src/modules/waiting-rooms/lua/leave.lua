--[[ Take one account out of the line, or end its turn, which goes to the next at once.
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
  8 buyer        uuid
  9 calls_max    most people called in this step
RETURNS the first that applies
  {'gate_closed'}
  {'left', now_ms, {buyer, until_ms, ...}}   with those who were called in this step; a second time changes nothing
]]
local k = room_keys(KEYS)
local a = { run_id = ARGV[1], sale_id = ARGV[2], seed = ARGV[3], total_units = tonumber(ARGV[4]), turn_ms = tonumber(ARGV[5]),
  settle_ms = tonumber(ARGV[6]), keep_ms = tonumber(ARGV[7]) }
local now = now_ms()
local room = read_room(k, a, now)
if not room then return { 'gate_closed' } end
local place = redis.call('ZSCORE', k.line, ARGV[8])
if place then
  redis.call('ZREM', k.line, ARGV[8])
  if tonumber(place) < 281474976710656 then redis.call('HINCRBY', k.room, 'early', -1) end
end
redis.call('ZREM', k.turns, ARGV[8])
return { 'left', now, move_line(k, room, now, tonumber(ARGV[9])) }
