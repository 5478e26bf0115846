-- Gets new tokens for old, each time with the refresh token of the answer before: for one connection.
-- Argument: the first refresh token.

local token = ""

function init(arguments)
  token = arguments[1]
end

function request()
  local headers = { ["Content-Type"] = "application/json" }
  return wrk.format("POST", "/v1/auth/session/refresh", headers, '{"refresh_token": "' .. token .. '"}')
end

function response(status, headers, body)
  token = body:match('"refresh_token": ?"([^"]+)"')
end
