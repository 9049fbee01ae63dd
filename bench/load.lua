-- Sends the requests of a file in turn, one a line: token, space, path. THINK_MS: mean pause of a connection (ms);
-- RESTS: the share of requests before which a connection pauses 1 ms;
-- ENCODING: what it accepts; BODY: the JSON that it posts; CLOSE: each request has a connection of its own.
local requests, n = {}, 0
local think = tonumber(os.getenv("THINK_MS") or "0")
local rests = tonumber(os.getenv("RESTS") or "0")

function init(args)
  local own = {}
  if os.getenv("ENCODING") then own["Accept-Encoding"] = os.getenv("ENCODING") end
  local body = os.getenv("BODY")
  if body then own["Content-Type"] = "application/json" end
  if os.getenv("CLOSE") then own["Connection"] = "close" end
  for line in io.lines(args[1]) do
    local token, path = line:match("^(%S+) (%S+)$")
    own["Authorization"] = "Bearer " .. token
    requests[#requests + 1] = wrk.format(body and "POST" or "GET", path, own, body)
  end
end

function request()
  n = n % #requests + 1
  return requests[n]
end

if think > 0 then
  function delay() return math.random(0, 2 * think) end
elseif rests > 0 then
  function delay() return math.random() < rests and 1 or 0 end
end

function done(summary, latency, _)
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"p50":%.1f,"p99":%.1f,"bytes":%d,"failed":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), summary.bytes,
    summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.connect + summary.errors.timeout))
end
