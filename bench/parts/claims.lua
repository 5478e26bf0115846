-- Claims the next task of a language, by one translator after the other.
-- Arguments: the language, and the translators' tokens.

local tokens, place, body = {}, 0, ""

function init(arguments)
  body = '{"language": "' .. arguments[1] .. '"}'
  for number = 2, #arguments do
    tokens[#tokens + 1] = arguments[number]
  end
end

function request()
  place = place % #tokens + 1
  local headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. tokens[place] }
  return wrk.format("POST", "/v1/translation-tasks/claim-next", headers, body)
end

function response(status)
  if status == 204 then
    error("the queue ran dry")
  end
end
