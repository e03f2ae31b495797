-- Each request books the next body of a file, once; the file is shared out among the threads.
local threads = 0

function setup(thread)
   thread:set("part", threads)
   threads = threads + 1
end

function init(args)
   bodies, at = {}, 0
   local number = 0
   for line in io.lines(args[1]) do
      if number % tonumber(args[2]) == part then bodies[#bodies + 1] = line end
      number = number + 1
   end
end

function request()
   at = at + 1
   local headers = { ["Content-Type"] = "application/json", ["Idempotency-Key"] = part .. "-" .. at .. "-" .. os.time() }
   return wrk.format("POST", nil, headers, bodies[(at - 1) % #bodies + 1])
end

function done(summary, latency, requests)
   io.write(string.format("REQUESTS %d SECONDS %f ERRORS %d\n", summary.requests, summary.duration / 1e6, summary.errors.status))
end
