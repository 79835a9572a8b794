-- Tells the state of the history, and begins a new epoch where there is none or where events are lost
-- that a node has handed out.
--
-- KEYS  state, order
-- ARGV  the epoch that the caller knows or '', an epoch to begin if one has to be begun, the newest id
--       that the caller knows
-- Answers the epoch, the newest id, the newest id that was removed, the oldest id ('' if there is no
-- event) and the number of events.

local function parse(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local function isAfter(a, b)
  local am, as = parse(a)
  local bm, bs = parse(b)
  return am > bm or (am == bm and as > bs)
end

local state = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'trimmed')
local epoch, last, trimmed = state[1], state[2], state[3]
if not epoch then
  local time = redis.call('TIME')
  last = string.format('%.0f-0', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
  if isAfter(ARGV[3], last) then
    last = ARGV[3]
  end
  epoch = ARGV[2]
  trimmed = last
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'last', last, 'trimmed', trimmed)
elseif isAfter(ARGV[3], last) then
  -- Something that was handed out is gone, or the clock of this Redis is behind that of the one before.
  last = ARGV[3]
  if epoch == ARGV[1] then
    epoch = ARGV[2]
  end
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'last', last)
end
local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
return {epoch, last, trimmed, oldest[1] and oldest[1][1] or '', redis.call('XLEN', KEYS[2])}
