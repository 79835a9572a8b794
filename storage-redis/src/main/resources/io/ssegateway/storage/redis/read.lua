-- Reads events of some channels and the broadcasts in order. No event of another channel is touched.
--
-- KEYS  state, order, then the stream of each channel and that of the broadcasts
-- ARGV  epoch, id after which to begin, last id to read, most events, bytes after which to stop,
--       most events of each channel that the whole replay may hold or 0
-- Answers why events may be missing ('', 'expired' or 'limit') and the id up to which, whether all was
-- read ('1' or '0'), and then for each event its id and its fields as they are in the order.

local state = redis.call('HMGET', KEYS[1], 'epoch', 'trimmed')
if state[1] ~= ARGV[1] then
  return redis.error_reply('SSEEPOCH ' .. tostring(state[1]))
end
local function parse(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local function isAfter(a, b)
  local am, as = parse(a)
  local bm, bs = parse(b)
  return am > bm or (am == bm and as > bs)
end

local after, upTo = ARGV[2], ARGV[3]
local maxEvents, maxBytes = tonumber(ARGV[4]), tonumber(ARGV[5])
local limit = tonumber(ARGV[6])
local reason, gap = '', after
local function missing(why, id)
  if isAfter(id, upTo) then
    id = upTo
  end
  if isAfter(id, gap) then
    reason = why
    gap = id
  end
end

for i = 3, #KEYS do
  local first = redis.call('XRANGE', KEYS[i], '(' .. after, '+', 'COUNT', 1)
  if first[1] then
    missing('expired', first[1][2][2])
  elseif redis.call('EXISTS', KEYS[i]) == 0 then
    missing('expired', state[2])
  end
  if limit > 0 then
    local newest = redis.call('XREVRANGE', KEYS[i], upTo, '(' .. after, 'COUNT', limit + 1)
    if #newest > limit then
      missing('limit', newest[limit + 1][1])
    end
  end
end

local ids = {}
local horizon = upTo
for i = 3, #KEYS do
  local refs = redis.call('XRANGE', KEYS[i], '(' .. gap, upTo, 'COUNT', maxEvents)
  if #refs == maxEvents and isAfter(horizon, refs[maxEvents][1]) then
    horizon = refs[maxEvents][1]
  end
  for _, ref in ipairs(refs) do
    ids[#ids + 1] = ref[1]
  end
end
table.sort(ids, function(a, b) return isAfter(b, a) end)

local answer = {reason, gap, '1'}
local bytes, events = 0, 0
for _, id in ipairs(ids) do
  if events == maxEvents or bytes >= maxBytes or isAfter(id, horizon) then
    answer[3] = '0'
    break
  end
  local entry = redis.call('XRANGE', KEYS[2], id, id)
  if not entry[1] then
    return redis.error_reply('SSEHOLE ' .. id .. ' is in a channel and not in the order')
  end
  answer[#answer + 1] = id
  answer[#answer + 1] = entry[1][2]
  bytes = bytes + #entry[1][2][14]
  events = events + 1
end
if horizon ~= upTo then
  answer[3] = '0'
end
return answer
