/** The script of the Redis store: whatever is asked is one script with one hash tag, which first ends the leases whose time has come. */

/**
 * The keys that the script is given, all in one slot of a Redis Cluster.
 *
 * `meta`: a hash with `run`, `life` and `rev`. `data`: a hash, key to `revision lease value`, `-` for no lease. `index`: the keys in
 * their order. `leases`: lease to its end in milliseconds. `ttls`: lease to its length. `held`: `lease key`, in order. `nonces` and
 * `results`: the writes of the last minutes, each with its revision, or `x`: refused for good.
 */
export function scriptKeys(name: string): readonly string[] {
  return ['meta', 'data', 'index', 'leases', 'ttls', 'held', 'nonces', 'results'].map((part) => `qudag:{${name}}:${part}`)
}

/** Where the script publishes each change. */
export function changesChannel(name: string): string {
  return `qudag:{${name}}:changes`
}

/** So long a write is remembered by its nonce, in milliseconds: longer than a system tries to send what a closed socket has left behind. */
const REMEMBERED_MS = 180_000

/**
 * `ARGV`: channel, what is asked, and its arguments. The answer begins with the life and the revision.
 *
 * Numbers are told as text, since a reply would cut them to 32 bits, and JSON to 14 digits. The time is the server's: `TIME` in a
 * script stands still. The identity of the server's process is asked for in the script itself, so that no call can be answered by another
 * process than the one whose life it tells; on a replica that is a write, which is refused.
 */
export const SCRIPT = `
local META, DATA, INDEX, LEASES, TTLS, HELD, NONCES, RESULTS = unpack(KEYS)
local call = redis.call
local channel = ARGV[1]
local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function text(number) return string.format('%.0f', number) end

local meta = call('HMGET', META, 'run', 'rev', 'life')
local run = string.match(call('INFO', 'server'), 'run_id:(%x+)')
local rev, life = tonumber(meta[2] or '0'), meta[3]
if meta[1] ~= run then
  rev = math.max(rev + 1, now * 1024)
  life = text(rev) .. '-' .. string.sub(run, 1, 8)
  call('HSET', META, 'run', run, 'rev', text(rev), 'life', life)
  -- The clock of another machine, or a clock that stood: every lease has its whole length again.
  for _, lease in ipairs(call('ZRANGE', LEASES, 0, -1)) do
    call('ZADD', LEASES, text(now + tonumber(call('HGET', TTLS, lease))), lease)
  end
  call('PUBLISH', channel, text(rev) .. '\\nlost')
end

local function chunks(list, each)
  for first = 1, #list, 500 do each(unpack(list, first, math.min(first + 499, #list))) end
end

local function changed(news)
  rev = rev + 1
  call('HSET', META, 'rev', text(rev))
  return function() call('PUBLISH', channel, text(rev) .. '\\n' .. cjson.encode(news)) end
end

local function endLease(lease)
  local from, to = '[' .. lease .. ' ', '(' .. lease .. '!'
  local held = call('ZRANGEBYLEX', HELD, from, to)
  local keys, news = {}, {}
  for i, member in ipairs(held) do
    keys[i] = string.sub(member, #lease + 2)
    news[i] = { keys[i] }
  end
  call('ZREM', LEASES, lease)
  call('HDEL', TTLS, lease)
  if #keys == 0 then return end
  chunks(keys, function(...) call('HDEL', DATA, ...) end)
  chunks(keys, function(...) call('ZREM', INDEX, ...) end)
  call('ZREMRANGEBYLEX', HELD, from, to)
  changed(news)()
end

for _, lease in ipairs(call('ZRANGEBYSCORE', LEASES, '-inf', text(now))) do endLease(lease) end

local function lives(lease) return call('ZSCORE', LEASES, lease) ~= false end

local function found(keys)
  local entries = {}
  local seen = {}
  for _, key in ipairs(keys) do
    local packed = not seen[key] and call('HGET', DATA, key)
    seen[key] = true
    if packed then
      entries[#entries + 1] = key
      entries[#entries + 1] = packed
    end
  end
  return entries
end

local function unhold(key, packed)
  local lease = packed and string.match(packed, '^%d+ (%S+) ')
  if lease and lease ~= '-' then call('ZREM', HELD, lease .. ' ' .. key) end
end

local function remember(nonce, result)
  call('HSET', RESULTS, nonce, result)
  call('ZADD', NONCES, text(now), nonce)
  local old = call('ZRANGEBYSCORE', NONCES, '-inf', text(now - ${REMEMBERED_MS}), 'LIMIT', 0, 20)
  if #old > 0 then
    call('ZREM', NONCES, unpack(old))
    call('HDEL', RESULTS, unpack(old))
  end
end

local asked = ARGV[2]

if asked == 'look' then return { life, text(rev) } end

if asked == 'grant' then
  local lease, ttl = ARGV[3], ARGV[4]
  call('HSET', TTLS, lease, ttl)
  call('ZADD', LEASES, text(now + tonumber(ttl)), lease)
  return { life, text(rev) }
end

if asked == 'renew' then
  if not lives(ARGV[3]) then return { life, text(rev), 'ended' } end
  call('ZADD', LEASES, text(now + tonumber(call('HGET', TTLS, ARGV[3]))), ARGV[3])
  return { life, text(rev), 'renewed' }
end

if asked == 'revoke' then
  endLease(ARGV[3])
  return { life, text(rev) }
end

if asked == 'get' then return { life, text(rev), found({ ARGV[3] }) } end

if asked == 'list' then
  local prefix = ARGV[3]
  local from, to = '[' .. prefix, '(' .. prefix .. '\\255'
  if prefix == '' then from, to = '-', '+' end
  return { life, text(rev), found(call('ZRANGEBYLEX', INDEX, from, to)) }
end

local nonce, isRetry = ARGV[3], ARGV[4] == '1'
local known = call('HGET', RESULTS, nonce)
if known and known ~= 'x' then return { life, text(rev), 'done', known } end

local at = 6
local conditions = {}
local holds = not known
for i = 1, tonumber(ARGV[5]) do
  local key, expected = ARGV[at], ARGV[at + 1]
  at = at + 2
  conditions[i] = key
  local packed = call('HGET', DATA, key)
  if (packed and string.match(packed, '^%d+') or '0') ~= expected then holds = false end
end

local changes = {}
local leaseEnded = false
for i = 1, tonumber(ARGV[at]) do
  local base = at + (i - 1) * 4
  local change = { put = ARGV[base + 1] == 'put', key = ARGV[base + 2], value = ARGV[base + 3], lease = ARGV[base + 4] }
  if change.put and change.lease ~= '-' and not lives(change.lease) then leaseEnded = true end
  changes[i] = change
end

if not holds or leaseEnded then
  -- The first attempt may be on its way yet: it must not be done after this one was refused.
  if isRetry and not known then remember(nonce, 'x') end
  return { life, text(rev), 'refused', leaseEnded and '1' or '0', found(conditions) }
end

local news = {}
local announce
for _, change in ipairs(changes) do
  local before = call('HGET', DATA, change.key)
  if change.put or before then
    announce = announce or changed(news)
    unhold(change.key, before)
  end
  if change.put then
    call('HSET', DATA, change.key, text(rev) .. ' ' .. change.lease .. ' ' .. change.value)
    if not before then call('ZADD', INDEX, 0, change.key) end
    if change.lease ~= '-' then call('ZADD', HELD, 0, change.lease .. ' ' .. change.key) end
    news[#news + 1] = { change.key, change.value, change.lease }
  elseif before then
    call('HDEL', DATA, change.key)
    call('ZREM', INDEX, change.key)
    news[#news + 1] = { change.key }
  end
end
if announce then announce() end
if #changes > 0 then remember(nonce, text(rev)) end
return { life, text(rev), 'done', text(rev) }
`
