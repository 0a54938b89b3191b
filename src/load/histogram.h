// A histogram of values over many magnitudes, to a fixed number of digits, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace playhead {

/// Counts values in buckets that double in width while their relative width stays: the layout of
/// Gil Tene's HdrHistogram. Invariant: a value is told as at most one part in 10^digits too large,
/// never too small; counts, sum and maximum are exact. Not thread safe: one a thread, then `merge`.
class DigitHistogram {
 public:
  /// `digits` 1..4; values over `highest` count as `highest`. Memory: about 190 kB for 3 digits and
  /// an hour of microseconds, 24 kB for 2.
  DigitHistogram(unsigned digits, std::uint64_t highest);

  void record(std::uint64_t value, std::uint64_t times = 1);
  /// Of one layout only: the same digits and highest.
  void merge(const DigitHistogram& other);
  void clear();

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  double standard_deviation() const;

  /// The least value told that `percentile` (0..100) of all values are not greater than; 0 where
  /// there is none.
  std::uint64_t value_at(double percentile) const;
  /// Whether the two are told as one.
  bool alike(std::uint64_t a, std::uint64_t b) const { return index_of(a) == index_of(b); }
  /// How many values are told as greater than `value`.
  std::uint64_t count_over(std::uint64_t value) const;

  /// HdrHistogram's percentile text format (".hgrm"), values divided by `unit`.
  std::string percentile_text(double unit) const;
  /// The points of that text: value, percentile, values so far.
  struct Step {
    std::uint64_t value = 0;
    double percentile = 0;
    std::uint64_t count = 0;
  };
  std::vector<Step> percentile_steps() const;

 private:
  std::size_t index_of(std::uint64_t value) const;
  std::uint64_t highest_in(std::size_t index) const;

  unsigned half_bits_;
  std::uint64_t highest_;
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace playhead
