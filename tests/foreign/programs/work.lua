-- SPDX-License-Identifier: GPL-2.0-or-later
-- What programs.py runs with Lua: each part of the language and its libraries
-- a little, with a line of output for each.

local function say(what, ...)
  io.write(what, ":")
  for i = 1, select("#", ...) do io.write(" ", tostring((select(i, ...)))) end
  io.write("\n")
end

-- numbers
say("integers", 7 // 2, -7 // 2, 7 % -3, 1 << 62, math.maxinteger + 1,
    0xffffffffffffffff, math.ult(1, -1), 3 | 8, ~0, 5 ~ 1)
say("floats", 0.1 + 0.2, 1 / 3, -1 / 0, 2 ^ 0.5, 1e308 * 10, 7.0 // 2,
    math.floor(-3.5), math.tointeger(3.0), math.fmod(-7, 3))
say("formats", string.format("%d %5.2f %g %a %q %x %-8s|%08.3f|%i", 42, 3.14159,
    1e20, 0.5, "a\nb", 255, "left", -1.5, -9))
say("conversions", tonumber("0x1p4"), tonumber("  12  "), tonumber("z", 36),
    tonumber("1e1"), math.type(1), math.type(1.0), "10" + 5, 10 .. 20)

-- strings
local text = ("the quick brown fox jumps over the lazy dog "):rep(200)
local words = {}
for w in text:gmatch("%a+") do words[w] = (words[w] or 0) + 1 end
local names = {}
for w in pairs(words) do names[#names + 1] = w end
table.sort(names)
for _, w in ipairs(names) do say("word", w, words[w]) end
say("gsub", (text:gsub("(%a+) (%a+)", "%2 %1", 3)):sub(1, 40))
say("find", text:find("lazy", 1, true), text:match("(%a+)%s+dog"),
    ("k=v, x=y"):gsub("(%w+)=(%w+)", function(k, v) return v .. k end))
say("pack", string.unpack(">i4 z s2", string.pack(">i4 z s2", -5, "ab", "cde")))
say("bytes", string.byte("SPARC", 1, -1))
say("utf8", utf8.char(228, 8364, 128512), utf8.len("äöü€"), utf8.codepoint("€"))
for p, c in utf8.codes("aß€") do say("code", p, c) end

-- tables
local t = {}
for i = 1, 3000 do t[i] = (i * 7919) % 3001 end
table.sort(t, function(a, b) return a > b end)
say("sorted", t[1], t[1500], t[3000], #t, select("#", table.unpack(t, 1, 50)))
table.move(t, 1, 3, 5)
table.insert(t, 1, "first")
say("moved", table.concat(t, ",", 1, 8), table.remove(t), table.remove(t, 1))

-- closures, metatables, inheritance
local Account = {}
Account.__index = Account
Account.__add = function(a, b) return a.sum + b.sum end
Account.__lt = function(a, b) return a.sum < b.sum end
Account.__tostring = function(a) return "account of " .. a.sum end
Account.__call = function(a, n) a.sum = a.sum + n; return a end
Account.__len = function(a) return a.sum end
Account.__close = function(a) say("closed", a) end
local function account(n) return setmetatable({sum = n}, Account) end
local a, b = account(3), account(4)
say("objects", a + b, a < b, a(10), #a, rawlen({1, 2}), rawequal(a, b))
do
  local c <close> = account(99)
  say("open", c)
end
local function counter()
  local n = 0
  return function() n = n + 1; return n end
end
local c1, c2 = counter(), counter()
c1(); c1()
say("closures", c1(), c2())

-- coroutines, errors, goto
local function numbers(n)
  return coroutine.wrap(function()
    for i = 1, n do coroutine.yield(i, i * i) end
  end)
end
local sum = 0
for i, square in numbers(100) do sum = sum + i + square end
say("coroutines", sum, coroutine.isyieldable(), select(2, coroutine.running()))
say("errors", pcall(error, {code = 5}) == false, select(2, pcall(error, "bad", 0)),
    select(2, xpcall(function() local x = nil; return x.y end,
                     function(m) return (m:gsub("^.-:%d+: ", "")) end)))
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto continue end
    say("pair", i, j)
    ::continue::
  end
end

-- memory: a tree and garbage, with weak references
local function tree(depth)
  if depth == 0 then return {} end
  return {tree(depth - 1), tree(depth - 1)}
end
local function count(n)
  return n[1] and 1 + count(n[1]) + count(n[2]) or 1
end
say("trees", count(tree(12)), count(tree(10)))
local weak = setmetatable({}, {__mode = "v"})
for i = 1, 100 do weak[i] = {} end
weak.kept = names
collectgarbage()
local left = 0
for _ in pairs(weak) do left = left + 1 end
say("weak", left, collectgarbage("step", 10), collectgarbage("generational"))

-- code made at run time, files, the system
say("load", load("local a, b = ... return a * b, _ENV ~= nil")(6, 7))
say("dump", load(string.dump(function(x) return x + 1 end))(41))
local name = "lua.data"
local f = assert(io.open(name, "w"))
for i = 1, 500 do f:write(i, " ", i * i, "\n") end
f:close()
local total = 0
for i, s in io.lines(name, "n", "n") do total = total + i + s end
f = io.open(name)
say("file", total, f:seek("end"), f:seek("set", 10), f:read("l"), f:read(3))
f:close()
say("os", os.remove(name), select(2, io.open(name)), os.date("!%F %T", 86399),
    os.time({year = 2000, month = 1, day = 1, hour = 12}) > 0, os.getenv("NONE"))
