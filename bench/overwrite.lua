-- wrk: reports of any viewer and any video, made as they are sent, so that they reach every record
-- of a large store; env TOKENS names a file of tokens, one a line, and VIDEOS says how many videos
-- each viewer has.
local tokens = {}
local videos = tonumber(os.getenv("VIDEOS"))
local head = "POST /v1/progress HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" ..
             "Content-Length: 120\r\nAuthorization: Bearer "

function init(args)
  for token in io.lines(os.getenv("TOKENS")) do tokens[#tokens + 1] = token end
  math.randomseed(1)
end

function request()
  local body = string.format(
    '{"video_id": "video-%06d", "position_ms": %7d, "duration_ms": 2640000, "session": "3f9a0c41"}',
    math.random(0, videos - 1), math.random(130000, 2300000))
  return head .. tokens[math.random(#tokens)] .. "\r\n\r\n" .. body .. string.rep(" ", 120 - #body)
end

dofile("bench/done.lua")
