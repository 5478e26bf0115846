-- Sends each item of a list to review, and back the next time round: every request changes a state.
-- Arguments: a file of lines with id and state, and the token of the author.

local items, place, verified = {}, 0, false
local headers = { ["Content-Type"] = "application/json" }

function init(arguments)
  for line in io.lines(arguments[1]) do
    local id, state = line:match("(%S+) (%S+)")
    items[#items + 1] = { id = id, submitted = state == "in_review" }
  end
  headers["Authorization"] = "Bearer " .. arguments[2]
end

function request()
  if not verified then
    -- wrk asks once to see what it gets, and sends nothing.
    verified = true
    return wrk.format("GET", "/")
  end
  place = place % #items + 1
  local item = items[place]
  item.submitted = not item.submitted
  local state = item.submitted and "in_review" or "draft"
  return wrk.format("PATCH", "/items/commentary/" .. item.id, headers, '{"state": "' .. state .. '"}')
end
