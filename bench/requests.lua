-- wrk: sends requests made beforehand, one after another; env REQUESTS names the file, one request a
-- line ("METHOD<TAB>PATH<TAB>TOKEN<TAB>BODY").
local requests = {}
local next_request = 0

function init(args)
  local lines = {}
  for line in io.lines(os.getenv("REQUESTS")) do lines[#lines + 1] = line end
  for _, line in ipairs(lines) do
    local method, path, token, body = line:match("^(%S+)\t(%S+)\t(%S*)\t(.*)$")
    local headers = { ["Authorization"] = "Bearer " .. token, ["Host"] = "127.0.0.1" }
    if body ~= "" then headers["Content-Type"] = "application/json" end
    local whole = wrk.format(method, path, headers, body ~= "" and body or nil)
    local head, tail = whole:match('^(.*"position_ms": )%d+(.*)$')
    requests[#requests + 1] = { head = head or whole, tail = tail }
  end
  math.randomseed(os.time())
  next_request = math.random(#requests)
end

-- A player moves on between two reports: one at the place of its last would not be written, so
-- each run starts elsewhere. A position always has seven digits, so that the length stays.
local position = os.time() * 104729 % 1300000

function request()
  next_request = next_request % #requests + 1
  local one = requests[next_request]
  if not one.tail then return one.head end
  position = (position + 7919) % 1300000
  return one.head .. (1000000 + position) .. one.tail
end

dofile("bench/done.lua")
