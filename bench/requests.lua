-- wrk: sends requests made beforehand, one after another; env REQUESTS names the file, one request a
-- line ("METHOD<TAB>PATH<TAB>TOKEN<TAB>BODY"), and DELAY_MS, where set, the mean pause between two.
local requests = {}
local next_request = 0
local delay_ms = tonumber(os.getenv("DELAY_MS") or "0")

function init(args)
  for line in io.lines(os.getenv("REQUESTS")) do
    local method, path, token, body = line:match("^(%S+)\t(%S+)\t(%S*)\t(.*)$")
    local headers = { ["Authorization"] = "Bearer " .. token, ["Host"] = "127.0.0.1" }
    if body ~= "" then headers["Content-Type"] = "application/json" end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  next_request = math.random(#requests)
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end

if delay_ms > 0 then
  function delay() return math.random(math.floor(delay_ms * 0.5), math.ceil(delay_ms * 1.5)) end
end

function done(summary, latency, _)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read +
                 summary.errors.write + summary.errors.timeout
  io.write(string.format(
    "RESULT {\"requests\": %d, \"duration_us\": %d, \"failed\": %d, \"p50_us\": %d, \"p99_us\": %d, \"max_us\": %d}\n",
    summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99), latency.max))
end
