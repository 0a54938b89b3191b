// The text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
#include "telemetry/exposition.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace playhead {
namespace {

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
  }
  std::abort();
}

// Help texts escape the backslash and the line feed; label values the quote too.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (quotes && c == '"')) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
}

// Shortest digits that round trip. Without exponent from 1e-4 on, as Prometheus itself writes `le`
// (Go's %g), and below 1e15: from 2^53 on the plain notation is not the shortest.
std::string text_of(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e15);
  // At most 17 significant digits, 0.000 before them, sign, point and exponent: < 32.
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  return {digits.data(), end.ptr};
}

}  // namespace

void HistogramSum::check_bounds(std::span<const std::uint64_t> bounds) const {
  if (!std::ranges::equal(bounds, bounds_)) std::abort();
}

void Exposition::family(std::string_view name, MetricType type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ");
  append_escaped(text_, help, false);
  text_.append("\n# TYPE ").append(name).append(" ").append(type_name(type)).append("\n");
}

void Exposition::begin_sample(std::string_view suffix, Labels labels, std::string_view le) {
  text_.append(name_).append(suffix);
  char before = '{';
  const auto append_label = [&](const Label& label) {
    text_ += before;
    text_.append(label.name).append("=\"");
    append_escaped(text_, label.value, true);
    text_ += '"';
    before = ',';
  };
  for (const Label& label : labels) append_label(label);
  if (!le.empty()) append_label({"le", le});
  text_ += before == '{' ? " " : "} ";
}

void Exposition::end_sample(std::string_view value) {
  text_.append(value).append("\n");
}

void Exposition::sample(double value, Labels labels) {
  begin_sample({}, labels, {});
  end_sample(text_of(value));
}

void Exposition::histogram(const HistogramSum& histogram, double units_per_base, Labels labels) {
  const auto scaled = [&](std::uint64_t units) {
    return text_of(static_cast<double>(units) / units_per_base);
  };
  const auto& bounds = histogram.bounds();
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
    below += histogram.counts()[i];
    begin_sample("_bucket", labels, i < bounds.size() ? scaled(bounds[i]) : "+Inf");
    end_sample(std::to_string(below));
  }
  begin_sample("_sum", labels, {});
  end_sample(scaled(histogram.sum()));
  // From the buckets, so that it is the +Inf bucket even while observations come in.
  begin_sample("_count", labels, {});
  end_sample(std::to_string(below));
}

}  // namespace playhead
