-- Searches for a word and a number, another number each time: no answer is in anybody's memory.
-- Argument: the path with the word.

local path, number = "", 0

function init(arguments)
  path = arguments[1]
  math.randomseed(os.time())
  number = math.random(1, 1000000)
end

function request()
  number = number + 1
  return wrk.format("GET", path .. "+" .. (number % 400) .. "&limit=" .. (10 + math.floor(number / 400) % 90))
end
