-- Removes what is older than the retention, so many events at a time.
--
-- KEYS  state, order
-- ARGV  epoch, age in ms, most events to remove, prefix of keys
-- Answers how many were removed.

local state = redis.call('HMGET', KEYS[1], 'epoch')
if state[1] ~= ARGV[1] then
  return redis.error_reply('SSEEPOCH ' .. tostring(state[1]))
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local before = now - tonumber(ARGV[2])
local oldest = redis.call('XRANGE', KEYS[2], '-', string.format('(%.0f-0', before), 'COUNT', ARGV[3])
if #oldest == 0 then
  return 0
end
local function following(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return ms .. '-' .. string.format('%.0f', seq + 1)
end
local trimmed
local upTo = {}
for _, entry in ipairs(oldest) do
  upTo[entry[2][6]] = entry[1]
  trimmed = entry[1]
end
redis.call('XTRIM', KEYS[2], 'MINID', following(trimmed))
for channel, id in pairs(upTo) do
  local key = ARGV[4] .. 'broadcasts'
  if channel ~= '' then
    key = ARGV[4] .. 'channel:' .. channel
  end
  redis.call('XTRIM', key, 'MINID', following(id))
  if redis.call('XLEN', key) == 0 then
    redis.call('DEL', key)
  end
end
redis.call('HSET', KEYS[1], 'trimmed', trimmed)
return #oldest
