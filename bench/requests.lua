-- wrk: sends requests made beforehand, one after another; env REQUESTS names the file, one request a
-- line ("METHOD<TAB>PATH<TAB>TOKEN<TAB>BODY"), DELAY_MS, where set, the mean pause between two, and
-- OWN_TOKEN, where set, says that each thread keeps the token of its first line: with a thread a
-- connection, each connection is then one player.
local requests = {}
local next_request = 0
local delay_ms = tonumber(os.getenv("DELAY_MS") or "0")
local own_token = os.getenv("OWN_TOKEN") ~= nil
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  local lines = {}
  for line in io.lines(os.getenv("REQUESTS")) do lines[#lines + 1] = line end
  local mine = own_token and lines[number % #lines + 1]:match("^%S+\t%S+\t(%S*)\t") or nil
  for _, line in ipairs(lines) do
    local method, path, token, body = line:match("^(%S+)\t(%S+)\t(%S*)\t(.*)$")
    local headers = { ["Authorization"] = "Bearer " .. (mine or token), ["Host"] = "127.0.0.1" }
    if body ~= "" then headers["Content-Type"] = "application/json" end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  math.randomseed(number + 1)
  next_request = math.random(#requests)
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end

if delay_ms > 0 then
  function delay() return math.random(math.floor(delay_ms * 0.5), math.ceil(delay_ms * 1.5)) end
end

dofile("bench/done.lua")
