// Bodies: the decoder takes and refuses the same as a plain reading of what Boost.JSON parsed.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "command/report_decoder.h"
#include "domain/ids.h"
#include "fuzz/fuzz.h"
#include "fuzz/json_oracle.h"

namespace playhead::fuzz {
namespace {

using Kind = Json::Kind;

bool whole_number(const Json& value, double* number) {
  if (!value.is(Kind::number)) return false;
  *number = std::strtod(value.text.c_str(), nullptr);
  return std::trunc(*number) == *number;
}

bool is_integer_text(const std::string& text) {
  return text.find_first_of(".eE") == std::string::npos;
}

// Past 64 bits an integer is no number of ours; past a double's range nothing is.
bool numbers_fit(const Json& value) {
  if (value.is(Kind::number)) {
    if (!is_integer_text(value.text)) {
      return std::isfinite(std::strtod(value.text.c_str(), nullptr));
    }
    errno = 0;
    if (value.text[0] == '-') {
      std::strtoll(value.text.c_str(), nullptr, 10);
    } else {
      std::strtoull(value.text.c_str(), nullptr, 10);
    }
    return errno == 0;
  }
  return std::all_of(value.items.begin(), value.items.end(), numbers_fit);
}

bool between(const Json& value, double max) {
  double number = 0;
  // The limit 2^53-1 and its neighbours are doubles, so a double tells them apart.
  if (!whole_number(value, &number) || number < 0 || number > max) return false;
  return is_integer_text(value.text) || number <= 1e15;
}

bool id(const Json& value, std::size_t bytes_max, bool may_be_empty) {
  if (!value.is(Kind::string) || value.text.size() > bytes_max) return false;
  if (value.text.empty()) return may_be_empty;
  for (std::size_t i = 0; i < value.text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value.text[i]);
    if (byte < 0x20 || byte == 0x7F) return false;
    if (byte == 0xC2 && static_cast<unsigned char>(value.text[i + 1]) < 0xA0) return false;
  }
  return true;
}

bool age(const Json& value) {
  double number = 0;
  if (!whole_number(value, &number)) return false;
  if (!is_integer_text(value.text)) return std::abs(number) <= 1e15;
  return number < 9.3e18;  // an unsigned one past 63 bits is checked below
}

constexpr double kIntegerMax = 9'007'199'254'740'991.0;

bool series(const Json& value);

bool good_field(const std::string& key, const Json& value) {
  if (key == "video_id") return id(value, kVideoIdBytesMax, false);
  if (key == "session") return id(value, kSessionBytesMax, true);
  if (key == "device") return id(value, kDeviceBytesMax, true);
  if (key == "profile") return id(value, kProfileBytesMax, true);
  if (key == "position_ms" || key == "duration_ms" || key == "credits_ms" || key == "seq") {
    return between(value, kIntegerMax);
  }
  if (key == "percent") {
    if (!value.is(Kind::number)) return false;
    const double percent = std::strtod(value.text.c_str(), nullptr);
    return percent >= 0 && percent <= 100;
  }
  if (key == "age_ms") return age(value);
  if (key == "private") return value.is(Kind::boolean);
  if (key == "series") return series(value);
  if (key == "event") {
    const std::string_view names[] = {"tick", "play", "pause", "seek", "stop", "ended"};
    return value.is(Kind::string) &&
           std::find(std::begin(names), std::end(names), value.text) != std::end(names);
  }
  return true;
}

// The members that are known, each once and not null; false where one comes twice.
bool known(const Json& object, std::initializer_list<std::string_view> names,
           std::map<std::string, const Json*>& found) {
  std::map<std::string, int> seen;
  for (std::size_t i = 0; i < object.keys.size(); ++i) {
    const std::string& key = object.keys[i];
    if (std::find(names.begin(), names.end(), key) == names.end()) continue;
    if (++seen[key] > 1) return false;
    if (!object.items[i].is(Kind::null)) found[key] = &object.items[i];
  }
  return true;
}

bool series(const Json& value) {
  if (!value.is(Kind::object)) return false;
  std::map<std::string, const Json*> found;
  if (!known(value, {"id", "season", "episode"}, found)) return false;
  for (const char* number : {"season", "episode"}) {
    if (found.count(number) > 0 && !between(*found[number], UINT32_MAX)) return false;
  }
  return found.count("id") > 0 && id(*found["id"], kSeriesIdBytesMax, false);
}

double number_of(const std::map<std::string, const Json*>& found, const char* name) {
  const auto place = found.find(name);
  return place == found.end() ? -1 : std::strtod(place->second->text.c_str(), nullptr);
}

std::string text_of(const std::map<std::string, const Json*>& found, const char* name) {
  const auto place = found.find(name);
  return place == found.end() ? "" : place->second->text;
}

double or_none(const std::optional<std::int64_t>& value) {
  return value ? static_cast<double>(*value) : -1;
}

// The values of a report that is taken, against what was written.
void check_values(const std::map<std::string, const Json*>& found, const Report& report) {
  require(report.video_id == text_of(found, "video_id"), "the video's id");
  require(report.session == text_of(found, "session"), "the session");
  require(report.device == text_of(found, "device"), "the device");
  require(report.profile == text_of(found, "profile"), "the profile");
  const double duration = number_of(found, "duration_ms");
  const double credits = number_of(found, "credits_ms");
  double position = number_of(found, "position_ms");
  if (position >= 0 && duration > 0) position = std::min(position, duration);
  require(or_none(report.position_ms) == position, "the position");
  require(or_none(report.duration_ms) == (duration == 0 ? -1 : duration), "the duration");
  require(or_none(report.credits_ms) == (credits == 0 ? -1 : credits), "the credits");
  require((report.seq ? static_cast<double>(*report.seq) : -1) == number_of(found, "seq"), "seq");
  const double percent = number_of(found, "percent");
  require(report.percent_bp.has_value() == (percent >= 0), "a percentage");
  if (percent >= 0) {
    const double bp = percent * 100;
    require(*report.percent_bp <= bp + 1e-5 && *report.percent_bp > bp - 1.00001, "its hundredths");
  }
  const auto event = found.find("event");
  const std::string_view names[] = {"tick", "play", "pause", "seek", "stop", "ended"};
  require(names[static_cast<int>(report.event)] ==
              (event == found.end() ? "tick" : std::string_view(event->second->text)),
          "the event");
  const auto is_private = found.find("private");
  require(report.is_private == (is_private != found.end() && is_private->second->yes), "privacy");
  if (found.count("age_ms") > 0) {
    require(static_cast<double>(report.age_ms) == number_of(found, "age_ms"), "the age");
  }
  require(report.series.has_value() == (found.count("series") > 0), "a series");
  if (!report.series) return;
  std::map<std::string, const Json*> parts;
  known(*found.at("series"), {"id", "season", "episode"}, parts);
  require(report.series->id == text_of(parts, "id"), "the series' id");
  require(report.series->season == std::max(0.0, number_of(parts, "season")), "the season");
  require(report.series->episode == std::max(0.0, number_of(parts, "episode")), "the episode");
}

void check_report(const Json& object, const Result<Report>& report) {
  std::map<std::string, const Json*> found;
  bool good = known(object,
                    {"video_id", "position_ms", "duration_ms", "event", "session", "seq", "age_ms",
                     "device", "profile", "series", "credits_ms", "percent", "private"},
                    found);
  for (const auto& [key, value] : found) good = good && good_field(key, *value);
  good = good && found.count("video_id") > 0;
  good = good && (found.count("position_ms") > 0 || found.count("percent") > 0 ||
                  text_of(found, "event") == "ended");
  if (good && found.count("age_ms") > 0) {
    const std::string& text = found["age_ms"]->text;
    good = !is_integer_text(text) || text[0] == '-' ||
           std::strtoull(text.c_str(), nullptr, 10) <= INT64_MAX;
  }
  require(report.has_value() == good, good ? "a good report is taken" : "a bad one is refused");
  if (good) return check_values(found, *report);
  require(report.error().code == ErrorCode::invalid_field, "a field is wrong");
  require(!report.error().pointer.empty(), "and pointed at");
}

ReportDecoder& decoder() {
  static ReportDecoder made;
  return made;
}

// As Boost.JSON sees the body: the document, or nothing.
std::optional<JsonHandler> read(std::string_view body, bool* undecided) {
  boost::json::parse_options options;
  options.max_depth = 256;
  boost::json::basic_parser<JsonHandler> parser(options);
  boost::json::error_code error;
  const std::size_t used = parser.write_some(false, body.data(), body.size(), error);
  // Boost.JSON gives up on exponents of many digits where zero, or nearly, was meant.
  *undecided =
      error == boost::json::error::exponent_overflow || error == boost::json::error::too_deep;
  if (error || used != body.size()) return std::nullopt;
  return parser.handler();
}

}  // namespace
}  // namespace playhead::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace playhead;
  using namespace playhead::fuzz;
  std::string padded(reinterpret_cast<const char*>(data), size);
  padded.append(kBodyPaddingBytes, '"');
  const std::string_view body(padded.data(), size);
  bool undecided = false;
  const auto json = read(body, &undecided);
  const bool is_object = json && json->root().is(Json::Kind::object);
  const bool readable = is_object && numbers_fit(json->root()) && json->depth() < kJsonDepthMax;

  const auto report = decoder().decode(body);
  if (undecided) return 0;
  const bool taken = report || report.error().code == ErrorCode::invalid_field;
  require(taken == readable, readable ? "good JSON is read" : "bad JSON is refused");
  if (readable) check_report(json->root(), report);

  const auto batch = decoder().decode_batch(body);
  if (!readable) {
    require(!batch && batch.error().code != ErrorCode::invalid_field, "also as a batch");
    return 0;
  }
  std::map<std::string, const Json*> found;
  const bool once = known(json->root(), {"reports"}, found);
  const bool is_list =
      once && found.count("reports") > 0 && found["reports"]->is(Json::Kind::array);
  if (!is_list || found["reports"]->items.size() > kBatchReportsMax) {
    require(!batch, "a batch is a list of at most 100");
    return 0;
  }
  require(batch && batch->size() == found["reports"]->items.size(), "a batch has a result each");
  for (std::size_t i = 0; i < batch->size(); ++i) {
    const Json& item = found["reports"]->items[i];
    if (item.is(Json::Kind::object)) {
      check_report(item, (*batch)[i]);
    } else {
      require(!(*batch)[i], "a report is an object");
    }
  }
  return 0;
}
