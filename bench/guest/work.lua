-- SPDX-License-Identifier: GPL-2.0-or-later
-- What bench/run times with Lua: strings, tables, calls, closures, numbers.

local function words(n)
  local text = ("the quick brown fox jumps over the lazy dog "):rep(n)
  local count = {}
  for w in text:gmatch("%a+") do count[w] = (count[w] or 0) + 1 end
  return count.the, #text:gsub("(%a+) (%a+)", "%2-%1")
end

local function sort(n)
  local t = {}
  for i = 1, n do t[i] = (i * 7919) % 10007 end
  table.sort(t, function(a, b) return a > b end)
  return t[1], t[n // 2], t[n]
end

local function queens(n)
  local found, rows, up, down = 0, {}, {}, {}
  local function place(c)
    if c > n then found = found + 1 return end
    for r = 1, n do
      if not (rows[r] or up[r + c] or down[r - c + n]) then
        rows[r], up[r + c], down[r - c + n] = true, true, true
        place(c + 1)
        rows[r], up[r + c], down[r - c + n] = nil, nil, nil
      end
    end
  end
  place(1)
  return found
end

local function mandelbrot(size)
  local inside = 0
  for y = 1, size do
    for x = 1, size do
      local cr, ci, zr, zi, n = 3 * x / size - 2, 2 * y / size - 1, 0, 0, 0
      while n < 40 and zr * zr + zi * zi < 4 do
        zr, zi, n = zr * zr - zi * zi + cr, 2 * zr * zi + ci, n + 1
      end
      if n == 40 then inside = inside + 1 end
    end
  end
  return inside
end

local Point = {}
Point.__index = Point
Point.__add = function(a, b)
  return setmetatable({x = a.x + b.x, y = a.y - b.y}, Point)
end
local function objects(n)
  local sum = setmetatable({x = 0, y = 0}, Point)
  for i = 1, n do sum = sum + setmetatable({x = i, y = i % 3}, Point) end
  return sum.x, sum.y
end

print(words(1200))
print(sort(15000))
print(queens(8))
print(mandelbrot(110))
print(objects(60000))
