// Buckets of equal relative width.
#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdio>

namespace playhead {
namespace {

// Points of the text between one halving of what is left and the next, as in HdrHistogram.
constexpr double kStepsAHalving = 5;

// Bits of half the sub-buckets: 10^digits of them must be told apart in the upper half.
unsigned half_bits_of(unsigned digits) {
  std::uint64_t wanted = 1;
  for (unsigned i = 0; i < digits; ++i) wanted *= 10;
  return static_cast<unsigned>(std::bit_width(2 * wanted - 1)) - 1;
}

}  // namespace

DigitHistogram::DigitHistogram(unsigned digits, std::uint64_t highest)
    : half_bits_(half_bits_of(digits)), highest_(highest) {
  counts_.resize(index_of(highest) + 1);
}

// Values under 2^(half_bits + 1) have a bucket each; above, every doubling has 2^half_bits.
std::size_t DigitHistogram::index_of(std::uint64_t value) const {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  if (width <= half_bits_ + 1) return value;
  const unsigned shift = width - half_bits_ - 1;
  return (static_cast<std::size_t>(shift) << half_bits_) + (value >> shift);
}

std::uint64_t DigitHistogram::highest_in(std::size_t index) const {
  const std::size_t doubling = index >> half_bits_;
  if (doubling < 2) return index;
  const std::size_t shift = doubling - 1;
  const std::uint64_t within = index - (shift << half_bits_);
  return ((within + 1) << shift) - 1;
}

void DigitHistogram::record(std::uint64_t value, std::uint64_t times) {
  value = std::min(value, highest_);
  counts_[index_of(value)] += times;
  count_ += times;
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value) * static_cast<double>(times);
}

void DigitHistogram::merge(const DigitHistogram& other) {
  assert(counts_.size() == other.counts_.size() && half_bits_ == other.half_bits_);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

void DigitHistogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = max_ = 0;
  sum_ = 0;
}

double DigitHistogram::standard_deviation() const {
  if (count_ == 0) return 0;
  double squares = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    const double off = static_cast<double>(highest_in(i)) - mean();
    squares += off * off * static_cast<double>(counts_[i]);
  }
  return std::sqrt(squares / static_cast<double>(count_));
}

std::uint64_t DigitHistogram::value_at(double percentile) const {
  const double share = std::clamp(percentile, 0.0, 100.0) / 100.0;
  // A little less than the product, which may come out a hair over a whole number.
  const double exact = share * static_cast<double>(count_);
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(exact * (1 - 1e-12))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted) return std::min(highest_in(i), max_);
  }
  return max_;
}

std::uint64_t DigitHistogram::count_over(std::uint64_t value) const {
  std::uint64_t over = 0;
  for (std::size_t i = index_of(std::min(value, highest_)) + 1; i < counts_.size(); ++i) {
    over += counts_[i];
  }
  return over;
}

std::vector<DigitHistogram::Step> DigitHistogram::percentile_steps() const {
  std::vector<Step> steps;
  if (count_ == 0) return steps;
  double next = 0;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size() && seen < count_; ++i) {
    if (counts_[i] == 0) continue;
    seen += counts_[i];
    const double reached = 100.0 * static_cast<double>(seen) / static_cast<double>(count_);
    while (next <= reached && seen < count_) {
      steps.push_back({std::min(highest_in(i), max_), next, seen});
      const double halvings = std::floor(std::log2(100.0 / (100.0 - next))) + 1;
      next += 100.0 / (kStepsAHalving * std::pow(2.0, halvings));
    }
  }
  steps.push_back({max_, 100.0, count_});
  return steps;
}

std::string DigitHistogram::percentile_text(double unit) const {
  std::string text = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n";
  char line[128];
  for (const Step& step : percentile_steps()) {
    const double share = step.percentile / 100;
    const auto count = static_cast<unsigned long long>(step.count);
    const double value = static_cast<double>(step.value) / unit;
    if (share < 1) {
      std::snprintf(line, sizeof line, "%12.3f %2.12f %10llu %14.2f\n", value, share, count,
                    1 / (1 - share));
    } else {
      std::snprintf(line, sizeof line, "%12.3f %2.12f %10llu\n", value, share, count);
    }
    text += line;
  }
  std::snprintf(line, sizeof line, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", mean() / unit,
                standard_deviation() / unit);
  text += line;
  std::snprintf(line, sizeof line, "#[Max     = %12.3f, Total count    = %12llu]\n",
                static_cast<double>(max_) / unit, static_cast<unsigned long long>(count_));
  text += line;
  std::snprintf(line, sizeof line, "#[Buckets = %12zu, SubBuckets     = %12zu]\n",
                (counts_.size() >> half_bits_), std::size_t{2} << half_bits_);
  return text + line;
}

}  // namespace playhead
