// Reading objectives, and holding a result to them.
#include "load/slo.h"

#include <charconv>
#include <cstdio>

namespace playhead {
namespace {

// A number at the start of `text`, which is left with the rest.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, wrong] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (wrong != std::errc() || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<std::uint64_t> duration_us(std::string_view text) {
  const auto value = take_number(text);
  if (!value) return std::nullopt;
  double unit_us = 0;
  if (text == "us") unit_us = 1;
  if (text == "ms") unit_us = 1e3;
  if (text == "s") unit_us = 1e6;
  if (unit_us == 0 || *value * unit_us > static_cast<double>(kLatencyUsMax)) return std::nullopt;
  return static_cast<std::uint64_t>(*value * unit_us + 0.5);
}

std::optional<double> percentile_of(std::string_view key) {
  if (key == "max") return 100;
  if (!key.starts_with('p')) return std::nullopt;
  key.remove_prefix(1);
  const auto value = take_number(key);
  return value && key.empty() && *value <= 100 ? value : std::nullopt;
}

bool read_errors(std::string_view text, Slo& slo) {
  const auto value = take_number(text);
  if (!value) return false;
  if (text == "%" && *value <= 100) {
    slo.errors_percent_most = value;
    return true;
  }
  slo.errors_most = static_cast<std::uint64_t>(*value);
  return text.empty() && static_cast<double>(*slo.errors_most) == *value;
}

bool read_part(std::string_view key, std::string_view value, Slo& slo) {
  if (key == "errors") return read_errors(value, slo);
  const auto limit_us = duration_us(value);
  if (!limit_us) return false;
  if (key == "avg") {
    slo.mean_most_us = limit_us;
    return true;
  }
  const auto percentile = percentile_of(key);
  if (percentile) slo.latencies.push_back({*percentile, *limit_us});
  return percentile.has_value();
}

std::string percentile_name(double percentile) {
  if (percentile == 100) return "max";
  char text[32];
  std::snprintf(text, sizeof text, "p%g", percentile);
  return text;
}

}  // namespace

std::string format_us(double value_us) {
  char text[32];
  if (value_us < 999.5) {
    std::snprintf(text, sizeof text, "%.0f us", value_us);
  } else if (value_us < 999'500) {
    std::snprintf(text, sizeof text, "%.3g ms", value_us / 1e3);
  } else if (value_us < 999.5e6) {
    std::snprintf(text, sizeof text, "%.3g s", value_us / 1e6);
  } else {
    std::snprintf(text, sizeof text, "%.0f s", value_us / 1e6);
  }
  return text;
}

Result<Slo> parse_slo(std::string_view text) {
  Slo slo;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto equals = part.find('=');
    if (equals == std::string_view::npos ||
        !read_part(part.substr(0, equals), part.substr(equals + 1), slo)) {
      return fail(ErrorCode::invalid_field, "--slo cannot be read at \"" + std::string(part) +
                                                "\"; write it like p99=30ms,errors=0");
    }
  }
  return slo;
}

std::vector<std::string> Slo::missed_by(const LoadResult& result) const {
  std::vector<std::string> missed;
  const DigitHistogram latency_us = result.latency_us();
  const auto miss = [&](const std::string& what, double found_us, std::uint64_t most_us) {
    missed.push_back(what + " is " + format_us(found_us) + ", and may be " +
                     format_us(static_cast<double>(most_us)));
  };
  for (const Latency& limit : latencies) {
    // A request that failed is later than any: of ten with one failure, the ninth is the last.
    const double of_successes =
        result.succeeded == 0
            ? limit.percentile
            : limit.percentile * static_cast<double>(std::max(result.due, result.succeeded)) /
                  static_cast<double>(result.succeeded);
    if (of_successes > 100) {
      missed.push_back(percentile_name(limit.percentile) + " is a request that failed, as " +
                       std::to_string(result.errors()) + " of " + std::to_string(result.due) +
                       " did");
      continue;
    }
    const std::uint64_t found_us = latency_us.value_at(of_successes);
    // A limit within the bucket of the value is kept: the histogram cannot tell them apart.
    const bool over = limit.percentile == 100
                          ? latency_us.max() > limit.most_us
                          : found_us > limit.most_us && !latency_us.alike(found_us, limit.most_us);
    if (over) {
      miss(percentile_name(limit.percentile), static_cast<double>(found_us), limit.most_us);
    }
  }
  if (mean_most_us && latency_us.mean() > static_cast<double>(*mean_most_us)) {
    miss("avg", latency_us.mean(), *mean_most_us);
  }
  // Without a success there is no latency to hold against anything.
  if (result.succeeded == 0) missed.emplace_back("nothing was answered with success");
  if (errors_most && result.errors() > *errors_most) {
    missed.push_back("errors are " + std::to_string(result.errors()) + ", and may be " +
                     std::to_string(*errors_most));
  }
  const double percent = 100.0 * static_cast<double>(result.errors()) /
                         static_cast<double>(std::max<std::uint64_t>(1, result.due));
  if (errors_percent_most && percent > *errors_percent_most) {
    char text[96];
    std::snprintf(text, sizeof text, "errors are %.3g %%, and may be %.3g %%", percent,
                  *errors_percent_most);
    missed.emplace_back(text);
  }
  return missed;
}

}  // namespace playhead
