-- wrk: what a run says at its end; one line that the bench reads.
function done(summary, latency, _)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('RESULT {"requests": %d, "duration_us": %d, "failed": %d, ' ..
                         '"p50_us": %d, "p99_us": %d, "max_us": %d}\n',
                         summary.requests, summary.duration, failed, latency:percentile(50),
                         latency:percentile(99), latency.max))
end
