-- Submits each text of a list, and recalls it the next time round: every request is a legal transition.
-- Arguments: a file of lines with id, version and state, and the token of the author.

local texts, place, verified = {}, 0, false
local headers = { ["Content-Type"] = "application/json" }

function init(arguments)
  for line in io.lines(arguments[1]) do
    local id, version, state = line:match("(%S+) (%d+) (%S+)")
    texts[#texts + 1] = { id = id, version = tonumber(version), submitted = state == "in_review" }
  end
  headers["Authorization"] = "Bearer " .. arguments[2]
end

function request()
  if not verified then
    -- wrk asks once to see what it gets, and sends nothing.
    verified = true
    return wrk.format("GET", "/")
  end
  place = place % #texts + 1
  local text = texts[place]
  local action = text.submitted and "recall" or "submit"
  headers["If-Match"] = '"' .. text.version .. '"'
  text.submitted = not text.submitted
  text.version = text.version + 1
  local path = "/v1/commentaries/" .. text.id .. "/transitions"
  return wrk.format("POST", path, headers, '{"action": "' .. action .. '"}')
end
