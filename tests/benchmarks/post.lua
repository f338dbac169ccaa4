-- Posts one body from a file, again and again; `delay` (milliseconds, mean) waits before each request.
-- Prints one line of JSON at the end: what was counted, and the latencies.
local threads, pause = {}, 0

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method, wrk.body = "POST", file:read("*a")
  file:close()
  wrk.headers["Content-Type"] = args[2]
  pause = tonumber(args[3] or "0")
  if pause > 0 then
    delay = function() return math.random(0, 2 * pause) end
  end
  posted = wrk.format()
  request = function() return posted end
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format(
    '{"requests": %d, "microseconds": %d, "failed": %d, "p50": %.1f, "p99": %.1f}',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
