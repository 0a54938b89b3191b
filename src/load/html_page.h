// The parts that pages of results are made of: a shell, tiles, tables, pictures.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace playhead {

/// The text with what HTML would take for markup escaped.
std::string escaped(std::string_view text);

/// A whole document around `body`, with its style and script in it: light and dark as the reader's
/// system is, nothing asked for from anywhere.
std::string html_page(std::string_view title, std::string_view body);

/// Big numbers with a word under each.
std::string html_tiles(const std::vector<std::pair<std::string, std::string>>& number_and_word);

/// The first row is the head; the first column is text, the others are numbers.
std::string html_table(std::string_view caption, const std::vector<std::vector<std::string>>& rows);

/// How values of an axis are written.
enum class ChartUnit { microseconds, count, per_second, percent };

/// One line, or the bars behind the lines. A value below zero is a gap.
struct ChartSeries {
  enum class Form { line, dots, bars, dashes };
  std::string name;
  /// Which of the page's colours: 1 blue, 2 orange, 3 violet, 4 red, 5 grey.
  int color = 1;
  Form form = Form::line;
  std::vector<double> values;
};

/// A picture over one x axis. All series have as many values as `x`, which grows.
struct Chart {
  std::string title;
  std::string note;
  ChartUnit unit = ChartUnit::count;
  bool logarithmic = false;
  std::vector<double> x;
  /// What the reader is told of each place on the x axis.
  std::vector<std::string> x_words;
  /// Where the x axis has its marks, and what they say.
  std::vector<std::pair<double, std::string>> x_marks;
  std::vector<ChartSeries> series;
  /// A line across, such as an objective; below zero: none.
  double limit = -1;
  std::string limit_word;
  /// A line down; below zero: none.
  double knee = -1;
  std::string knee_word;
};

/// An SVG with its legend; a reader walks along x by pointer or arrow keys and is told the values.
std::string html_chart(const Chart& chart);

/// The least of 1, 2 and 5 times powers of ten that is at least so much.
double nice_step(double least);

/// A value as an axis writes it.
std::string chart_value(ChartUnit unit, double value);

}  // namespace playhead
