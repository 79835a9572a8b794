-- Adds a batch of events: all of it, at one place in the order, or nothing.
--
-- KEYS  state, order, offsets, batch
-- ARGV  epoch, batch number, most events, window of copies in ms, window of ids in ms, prefix of keys,
--       number of events, then for each: channel ('' for everyone), type, '+' and the publisher's id
--       or '', retry in ms or -1, trace context or '', time in ms, partition or '', offset, payload
-- Answers for each event its id, or '=' and the newest id if it is in the journal already.
--
-- The state has the epoch, the newest id (last) and the newest id that retention removed (trimmed). An
-- entry of the order names the one before it (p) and the one before it in its channel (q); an entry of
-- a channel names the one before it there (q) and is else only a reference into the order. So whoever
-- reads sees whether something is missing.

local MAX_SEQUENCE = 1048575
local BATCH_TTL_MS = 600000
local FIELDS = 9
local CLOCK_SKEW_MS = 1000

local state = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'trimmed')
if state[1] ~= ARGV[1] then
  return redis.error_reply('SSEEPOCH ' .. tostring(state[1]))
end

local number = tonumber(ARGV[2])
local done = redis.call('LRANGE', KEYS[4], 0, -1)
if done[1] then
  if tonumber(done[1]) == number then
    table.remove(done, 1)
    return done
  elseif tonumber(done[1]) > number then
    return redis.error_reply('SSELATE batch ' .. number .. ' comes after ' .. done[1])
  end
end

local maxEvents = tonumber(ARGV[3])
local copyWindow = ARGV[4]
local idWindow = ARGV[5]
local prefix = ARGV[6]
local count = tonumber(ARGV[7])
local trimmed = state[3]
local last = state[2]
local ms, seq = string.match(last, '^(%d+)-(%d+)$')
ms = tonumber(ms)
seq = tonumber(seq)
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function channelKey(channel)
  if channel == '' then
    return prefix .. 'broadcasts'
  end
  return prefix .. 'channel:' .. channel
end

-- Numbers of any length, one or several joined by '-'; anything else has no order.
local function isAfter(a, b)
  if not (string.match(a, '^[%d-]+$') and string.match(b, '^[%d-]+$')) then
    return a ~= b
  end
  local left = string.gmatch(a, '%d+')
  local right = string.gmatch(b, '%d+')
  while true do
    local x, y = left(), right()
    if not x or not y then
      return x ~= nil
    end
    x = string.gsub(x, '^0+', '')
    y = string.gsub(y, '^0+', '')
    if #x ~= #y then
      return #x > #y
    elseif x ~= y then
      return x > y
    end
  end
end

local function isCopy(partition, offset)
  if partition == '' then
    return false
  end
  if string.sub(partition, 1, 1) ~= '~' then
    local newest = redis.call('HGET', KEYS[3], partition)
    if newest and not isAfter(offset, newest) then
      return true
    end
    redis.call('HSET', KEYS[3], partition, offset)
    return false
  end
  local receiver, identity = string.match(offset, '^([^.]*)%.(.*)$')
  local key = prefix .. 'copy:' .. partition .. ':' .. (identity or offset)
  if not receiver then
    return not redis.call('SET', key, '1', 'NX', 'PX', idWindow)
  end
  -- The nth like message of one receiver is a copy of the nth of another. One that began later
  -- than the first was stored begins with that stored last, unless that was before it began too.
  local counts = redis.call('HMGET', key, '.', '@', receiver, '1')
  local stored = tonumber(counts[1]) or 0
  local seen = tonumber(counts[3])
  if not seen then
    local began = tonumber(string.match(receiver, "^(%d+)%-") or 0)
    if stored == 0 then
      seen = 0
      redis.call('HSET', key, '1', now)
    elseif began <= tonumber(counts[4]) then
      seen = 0
    elseif tonumber(counts[2]) >= began - CLOCK_SKEW_MS then
      seen = stored - 1
    else
      seen = stored
    end
  end
  local mine = seen + 1
  redis.call('HSET', key, receiver, mine)
  redis.call('PEXPIRE', key, copyWindow)
  if mine <= stored then
    return true
  end
  redis.call('HSET', key, '.', mine, '@', now)
  return false
end

local newestOf = {}
local answer = {}
local at = 8
for i = 1, count do
  local channel, kind, publisher, retry = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local trace, published, partition = ARGV[at + 4], ARGV[at + 5], ARGV[at + 6]
  local offset, payload = ARGV[at + 7], ARGV[at + 8]
  at = at + FIELDS
  if isCopy(partition, offset) then
    answer[i] = '=' .. last
  else
    if now > ms then
      ms = now
      seq = 0
    elseif seq == MAX_SEQUENCE then
      ms = ms + 1
      seq = 0
    else
      seq = seq + 1
    end
    local id = string.format('%.0f-%.0f', ms, seq)
    local key = channelKey(channel)
    local before = newestOf[key]
    if not before then
      local newest = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)
      before = newest[1] and newest[1][1] or trimmed
    end
    local fields = {'p', last, 'q', before, 'c', channel, 't', kind, 'r', retry, 'm', published,
      'd', payload}
    if publisher ~= '' then
      fields[#fields + 1] = 'i'
      fields[#fields + 1] = string.sub(publisher, 2)
    end
    if trace ~= '' then
      fields[#fields + 1] = 'x'
      fields[#fields + 1] = trace
    end
    redis.call('XADD', KEYS[2], id, unpack(fields))
    redis.call('XADD', key, id, 'q', before)
    newestOf[key] = id
    last = id
    answer[i] = id
  end
end
redis.call('HSET', KEYS[1], 'last', last)
redis.call('DEL', KEYS[4])
redis.call('RPUSH', KEYS[4], ARGV[2], unpack(answer))
redis.call('PEXPIRE', KEYS[4], BATCH_TTL_MS)

-- Retention by number; that by age is trim.lua.
if maxEvents > 0 then
  local excess = math.min(redis.call('XLEN', KEYS[2]) - maxEvents, 2 * count + 16)
  if excess > 0 then
    local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', excess)
    local upTo = {}
    for _, entry in ipairs(oldest) do
      upTo[entry[2][6]] = entry[1]
      trimmed = entry[1]
    end
    local trimMs, trimSeq = string.match(trimmed, '^(%d+)-(%d+)$')
    redis.call('XTRIM', KEYS[2], 'MINID', trimMs .. '-' .. string.format('%.0f', trimSeq + 1))
    for channel, id in pairs(upTo) do
      local key = channelKey(channel)
      local m, s = string.match(id, '^(%d+)-(%d+)$')
      redis.call('XTRIM', key, 'MINID', m .. '-' .. string.format('%.0f', s + 1))
      if redis.call('XLEN', key) == 0 then
        redis.call('DEL', key)
      end
    end
    redis.call('HSET', KEYS[1], 'trimmed', trimmed)
  end
end
return answer
