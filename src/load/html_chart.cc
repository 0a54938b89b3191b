// Pictures as SVG, drawn here so that a page without scripts shows them too.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "load/html_page.h"
#include "load/slo.h"

namespace playhead {
namespace {

// The picture's own units.
constexpr double kWidth = 1000;
constexpr double kHeight = 300;
constexpr double kLeft = 70;
constexpr double kRight = 14;
constexpr double kTop = 16;
constexpr double kBottom = 28;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

// Where a picture's values lie on it.
class Frame {
 public:
  explicit Frame(const Chart& chart) : logarithmic_(chart.logarithmic) {
    first_ = chart.x.front();
    last_ = chart.x.back() > first_ ? chart.x.back() : first_ + std::max(1.0, std::abs(first_));
    most_ = chart.limit;
    double least = 1e300;
    for (const ChartSeries& series : chart.series) {
      for (const double value : series.values) {
        most_ = std::max(most_, value);
        if (value > 0) least = std::min(least, value);
      }
    }
    if (most_ <= 0) most_ = 1;
    if (logarithmic_) {
      least_ = std::pow(10, std::floor(std::log10(std::min(least, most_))));
      most_ = std::pow(10, std::ceil(std::log10(most_ * 1.02)));
      if (most_ <= least_) most_ = least_ * 10;
    } else {
      step_ = nice_step(most_ / 4);
      most_ = step_ * std::ceil(most_ / step_ * 1.0001);
    }
  }

  double x(double value) const {
    return kLeft + (value - first_) / (last_ - first_) * (kWidth - kLeft - kRight);
  }
  double y(double value) const {
    double share = value / most_;
    if (logarithmic_) {
      share = std::log10(std::max(value, least_) / least_) / std::log10(most_ / least_);
    }
    return kHeight - kBottom - share * (kHeight - kTop - kBottom);
  }
  std::vector<double> marks() const {
    std::vector<double> marks;
    if (logarithmic_) {
      for (double mark = least_; mark <= most_ * 1.001; mark *= 10) marks.push_back(mark);
    } else {
      for (double mark = 0; mark <= most_ * 1.001; mark += step_) marks.push_back(mark);
    }
    return marks;
  }

 private:
  bool logarithmic_;
  double first_ = 0;
  double last_ = 1;
  double least_ = 0;
  double most_ = 0;
  double step_ = 1;
};

std::string line_across(const std::string& css, double y) {
  return "<line class=\"" + css + "\" x1=\"" + number(kLeft) + "\" x2=\"" +
         number(kWidth - kRight) + "\" y1=\"" + number(y) + "\" y2=\"" + number(y) + "\"/>";
}

std::string word_at(const std::string& css, const char* anchor, double x, double y,
                    const std::string& word) {
  return "<text class=\"" + css + "\" text-anchor=\"" + anchor + "\" x=\"" + number(x) + "\" y=\"" +
         number(y) + "\">" + escaped(word) + "</text>";
}

std::string axes(const Chart& chart, const Frame& frame) {
  std::string svg;
  for (const double mark : frame.marks()) {
    svg += line_across("grid", frame.y(mark));
    svg += word_at("", "end", kLeft - 8, frame.y(mark) + 4, chart_value(chart.unit, mark));
  }
  svg += line_across("axis", kHeight - kBottom);
  for (const auto& [at, word] : chart.x_marks) {
    svg += word_at("", "middle", frame.x(at), kHeight - 8, word);
  }
  return svg;
}

std::string bars(const Chart& chart, const Frame& frame, const ChartSeries& series) {
  std::string svg;
  const double width =
      std::max(2.0, (kWidth - kLeft - kRight) / static_cast<double>(chart.x.size()) * 0.8);
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    if (series.values[i] <= 0) continue;
    const double top = frame.y(series.values[i]);
    svg += "<rect class=\"bar f" + std::to_string(series.color) + "\" x=\"" +
           number(frame.x(chart.x[i]) - width / 2) + "\" y=\"" + number(top) + "\" width=\"" +
           number(width) + "\" height=\"" + number(kHeight - kBottom - top) + "\"/>";
  }
  return svg;
}

std::string dots(const Chart& chart, const Frame& frame, const ChartSeries& series) {
  std::string svg;
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    if (series.values[i] < 0) continue;
    svg += "<circle class=\"f" + std::to_string(series.color) + "\" r=\"4\" cx=\"" +
           number(frame.x(chart.x[i])) + "\" cy=\"" + number(frame.y(series.values[i])) + "\"/>";
  }
  return svg;
}

std::string line(const Chart& chart, const Frame& frame, const ChartSeries& series) {
  std::string path;
  bool drawing = false;
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    if (series.values[i] < 0) {
      drawing = false;
      continue;
    }
    path += (drawing ? "L" : "M") + number(frame.x(chart.x[i])) + ' ' +
            number(frame.y(series.values[i]));
    drawing = true;
  }
  const bool dashed = series.form == ChartSeries::Form::dashes;
  return "<path class=\"s" + std::to_string(series.color) + (dashed ? " dashes" : "") + "\" d=\"" +
         path + "\"/>";
}

std::string marks(const Chart& chart, const Frame& frame) {
  std::string svg;
  if (chart.limit >= 0) {
    const double y = frame.y(chart.limit);
    svg += line_across("mark", y);
    svg += word_at("word", "start", kLeft + 8, y - 6, chart.limit_word);
  }
  if (chart.knee >= 0) {
    const std::string x = number(frame.x(chart.knee));
    svg += "<line class=\"mark\" x1=\"" + x + "\" x2=\"" + x + "\" y1=\"" + number(kTop) +
           "\" y2=\"" + number(kHeight - kBottom) + "\"/>";
    const bool right = frame.x(chart.knee) > kWidth / 2;
    svg += word_at("word", right ? "end" : "start", frame.x(chart.knee) + (right ? -8 : 8),
                   kTop + 12, chart.knee_word);
  }
  return svg;
}

std::string drawing(const Chart& chart, const Frame& frame, const ChartSeries& series) {
  switch (series.form) {
    case ChartSeries::Form::bars:
      return bars(chart, frame, series);
    case ChartSeries::Form::dots:
      return dots(chart, frame, series);
    case ChartSeries::Form::line:
    case ChartSeries::Form::dashes:
      break;
  }
  return line(chart, frame, series);
}

std::string legend(const Chart& chart) {
  std::string list = "<ul class=\"legend\">";
  for (const ChartSeries& series : chart.series) {
    const char* form = "line";
    if (series.form == ChartSeries::Form::bars) form = "bars";
    if (series.form == ChartSeries::Form::dots) form = "dots";
    list += std::string("<li class=\"") + form + "\"><i class=\"f" + std::to_string(series.color) +
            "\"></i>" + escaped(series.name) + " <b></b></li>";
  }
  return list + "<li class=\"told soft\" aria-live=\"polite\"></li></ul>";
}

// A JSON list within an attribute in quotes.
std::string list_of(const std::vector<std::string>& words) {
  std::string list = "[";
  for (const std::string& word : words) {
    list += (list.size() > 1 ? "," : "") + ("&quot;" + escaped(word)) + "&quot;";
  }
  return list + "]";
}

std::string attributes(const Chart& chart, const Frame& frame) {
  std::string xs;
  for (const double x : chart.x) xs += (xs.empty() ? "" : ",") + number(frame.x(x));
  std::string values;
  for (const ChartSeries& series : chart.series) {
    std::vector<std::string> words;
    for (const double value : series.values) {
      words.push_back(value < 0 ? std::string("–") : chart_value(chart.unit, value));
    }
    values += (values.empty() ? "" : ",") + list_of(words);
  }
  return " data-x=\"[" + xs + "]\" data-words=\"" + list_of(chart.x_words) + "\" data-values=\"[" +
         values + "]\"";
}

}  // namespace

double nice_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(std::max(least, 1e-9))));
  for (const double times : {1.0, 2.0, 5.0}) {
    if (times * power >= least) return times * power;
  }
  return 10 * power;
}

std::string chart_value(ChartUnit unit, double value) {
  if (unit == ChartUnit::microseconds) return format_us(value);
  char text[32];
  const char* const more = unit == ChartUnit::per_second ? "/s"
                           : unit == ChartUnit::percent  ? " %"
                                                         : "";
  if (value >= 999'500) {
    std::snprintf(text, sizeof text, "%.3gM%s", value / 1e6, more);
  } else if (value >= 10'000) {
    std::snprintf(text, sizeof text, "%.4gk%s", value / 1e3, more);
  } else {
    std::snprintf(text, sizeof text, "%.4g%s", value, more);
  }
  return text;
}

std::string html_chart(const Chart& chart) {
  if (chart.x.empty()) return {};
  const Frame frame(chart);
  std::string html = "<figure" + attributes(chart, frame) + "><figcaption><h2>" +
                     escaped(chart.title) + "</h2><p>" + escaped(chart.note) + "</p></figcaption>" +
                     legend(chart);
  html += "<svg viewBox=\"0 0 " + number(kWidth) + ' ' + number(kHeight) +
          "\" tabindex=\"0\" role=\"img\" aria-label=\"" + escaped(chart.title) +
          ". Arrow keys tell the values.\">" + axes(chart, frame);
  for (const ChartSeries& series : chart.series) html += drawing(chart, frame, series);
  html += marks(chart, frame);
  html += "<line class=\"cursor\" x1=\"0\" x2=\"0\" y1=\"" + number(kTop) + "\" y2=\"" +
          number(kHeight - kBottom) + "\"/></svg></figure>\n";
  return html;
}

}  // namespace playhead
