// Builds the page that Prometheus scrapes: families of samples in text format 0.0.4.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/counter.h"

namespace playhead {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

/// One label of a sample. Borrows its strings. The name matches [a-zA-Z_][a-zA-Z0-9_]* and is not
/// `le`; the value is any UTF-8, escaped when written.
struct Label {
  std::string_view name;
  std::string_view value;
};
using Labels = std::initializer_list<Label>;

/// How many of a histogram's whole units make one of what Prometheus wants: `_seconds`, `_bytes`.
constexpr double kMicrosecondsPerSecond = 1e6;
constexpr double kUnscaled = 1;

/// The sum of several histograms of the same bounds, for instance one a thread. A value; the parts
/// may be written to while they are added, then each bucket is as it was at some moment of it.
class HistogramSum {
 public:
  template <std::size_t N>
  explicit HistogramSum(const std::array<std::uint64_t, N>& bounds)
      : bounds_(bounds.begin(), bounds.end()), counts_(N + 1) {}

  /// Adds one part. Its bounds must be the ones given at construction; if not, the process ends.
  template <std::size_t N>
  void add(const Histogram<N>& part) {
    check_bounds(part.bounds());
    for (std::size_t i = 0; i <= N; ++i) counts_[i] += part.count(i);
    sum_ += part.sum();
  }

  /// Upper bounds, rising, in the histogram's own whole unit.
  const std::vector<std::uint64_t>& bounds() const { return bounds_; }
  /// Observations of each bucket alone, one more than there are bounds.
  const std::vector<std::uint64_t>& counts() const { return counts_; }
  std::uint64_t sum() const { return sum_; }

 private:
  void check_bounds(std::span<const std::uint64_t> bounds) const;

  std::vector<std::uint64_t> bounds_;
  std::vector<std::uint64_t> counts_;
  std::uint64_t sum_ = 0;
};

/// A scrape page that grows family by family. One thread. It does not check what is fixed when the
/// program is written, and a test with `promtool check metrics` does: that no family and no label
/// set comes twice, that names are snake_case with their unit (`_total`, `_seconds`, `_bytes`)
/// and that a family's samples are of its type.
class Exposition {
 public:
  /// Starts a family; the samples that follow are its own. `help` is one sentence, not empty.
  void family(std::string_view name, MetricType type, std::string_view help);

  /// One sample of a counter or gauge. Integers are written exactly.
  template <std::integral T>
  void sample(T value, Labels labels = {}) {
    begin_sample({}, labels, {});
    end_sample(std::to_string(value));
  }
  /// The same with the shortest digits that read back as the same double; NaN and infinities are
  /// legal.
  void sample(double value, Labels labels = {});

  /// One histogram: a `_bucket` a bound and one for +Inf, each counting all below it, `_sum` and
  /// `_count`. Bounds and sum are divided by `units_per_base`, for instance
  /// `kMicrosecondsPerSecond`; dividing, not multiplying, makes 100 us exactly 0.0001 s.
  void histogram(const HistogramSum& histogram, double units_per_base, Labels labels = {});
  template <std::size_t N>
  void histogram(const Histogram<N>& one, double units_per_base, Labels labels = {}) {
    HistogramSum sum(one.bounds());
    sum.add(one);
    histogram(sum, units_per_base, labels);
  }

  /// The page so far; its content type is kExpositionContentType.
  const std::string& text() const& { return text_; }
  std::string text() && { return std::move(text_); }

 private:
  void begin_sample(std::string_view suffix, Labels labels, std::string_view le);
  void end_sample(std::string_view value);

  std::string text_;
  std::string name_;
};

constexpr std::string_view kExpositionContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace playhead
