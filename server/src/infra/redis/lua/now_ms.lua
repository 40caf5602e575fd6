-- Epoch milliseconds by the clock of Redis, the only clock that hot decisions know.
local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- False where the clock is more than two seconds from what a caller expects who has followed it by monotonic time: it was
-- set, and nothing may be ended by it. `expected_ms` is absent or '' where the caller does not know.
local function is_clock_right(expected_ms)
  return (expected_ms or '') == '' or math.abs(now_ms() - tonumber(expected_ms)) <= 2000
end
