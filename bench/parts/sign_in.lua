-- Signs in. Arguments: the e-mail address and the password.

local body = ""

function init(arguments)
  body = '{"email": "' .. arguments[1] .. '", "password": "' .. arguments[2] .. '"}'
end

function request()
  return wrk.format("POST", "/v1/auth/session", { ["Content-Type"] = "application/json" }, body)
end
