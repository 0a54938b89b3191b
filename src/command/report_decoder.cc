// Reading reports with simdjson: a table of fields, each with its check.
#include "command/report_decoder.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include <simdjson.h>

#include "domain/ids.h"

namespace playhead {

struct ReportDecoder::Parser {
  simdjson::dom::parser json;
};

namespace {

namespace dom = simdjson::dom;

// RFC 8259 §6: integers up to here mean the same to every JSON reader.
constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;

// What is wrong with a field, or nothing.
using Wrong = std::optional<Error>;

Wrong wrong(std::string detail) {
  return Error{ErrorCode::invalid_field, std::move(detail), {}};
}

// An integer, however it is written: 754000, 754000.0 and 7.54e5 are one number.
std::optional<std::int64_t> integer_of(dom::element value) {
  std::int64_t integer = 0;
  if (value.get(integer) == simdjson::SUCCESS) return integer;
  double real = 0;
  if (value.get(real) != simdjson::SUCCESS || std::abs(real) > 1e15) return std::nullopt;
  if (std::trunc(real) != real) return std::nullopt;
  return static_cast<std::int64_t>(real);
}

template <typename T>
struct ValueOf {
  using type = T;
};
template <typename T>
struct ValueOf<std::optional<T>> {
  using type = T;
};

template <typename T>
Wrong read_integer(dom::element value, std::int64_t max, T& out) {
  const auto integer = integer_of(value);
  if (!integer) return wrong("must be an integer");
  if (*integer < 0 || *integer > max) {
    return wrong("must be between 0 and " + std::to_string(max));
  }
  out = static_cast<typename ValueOf<T>::type>(*integer);
  return std::nullopt;
}

Wrong read_id(dom::element value, std::size_t bytes_max, Emptiness emptiness,
              std::string_view& out) {
  if (value.get(out) != simdjson::SUCCESS) return wrong("must be a string");
  auto checked = check_id(out, bytes_max, emptiness, {});
  if (!checked) return checked.error();
  return std::nullopt;
}

Wrong read_percent(dom::element value, Report& report) {
  double percent = 0;
  if (value.get(percent) != simdjson::SUCCESS) return wrong("must be a number");
  if (!(percent >= 0 && percent <= 100)) return wrong("must be between 0 and 100");
  // Hundredths, rounded down: 89.999 % is not yet 90 %. The small term takes back what the binary
  // form of a number such as 28.6 lost.
  report.percent_bp = static_cast<std::int32_t>(std::floor(percent * 100 + 1e-6));
  return std::nullopt;
}

Wrong read_event(dom::element value, Report& report) {
  std::string_view name;
  if (value.get(name) != simdjson::SUCCESS) return wrong("must be a string");
  constexpr std::array<std::string_view, 6> kNames = {"tick", "play", "pause",
                                                      "seek", "stop", "ended"};
  const auto* found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    return wrong("must be one of tick, play, pause, seek, stop, ended");
  }
  report.event = static_cast<Event>(found - kNames.begin());
  return std::nullopt;
}

Wrong read_age(dom::element value, Report& report) {
  double age_ms = 0;
  if (value.get(age_ms) != simdjson::SUCCESS || std::trunc(age_ms) != age_ms) {
    return wrong("must be an integer");
  }
  // Here so that any number fits, and again where it is used: a wrong clock is no error.
  age_ms = std::clamp(age_ms, 0.0, static_cast<double>(kReportAgeMaxMs));
  report.age_ms = static_cast<std::int64_t>(age_ms);
  return std::nullopt;
}

Wrong read_private(dom::element value, Report& report) {
  if (value.get(report.is_private) != simdjson::SUCCESS) return wrong("must be true or false");
  return std::nullopt;
}

Wrong read_series(dom::element value, Report& report);

struct Field {
  std::string_view name;
  Wrong (*read)(dom::element value, Report& report);
};

constexpr std::array<Field, 13> kFields = {{
    {"video_id",
     [](dom::element v, Report& r) {
       return read_id(v, kVideoIdBytesMax, Emptiness::refused, r.video_id);
     }},
    {"position_ms",
     [](dom::element v, Report& r) { return read_integer(v, kIntegerMax, r.position_ms); }},
    {"duration_ms",
     [](dom::element v, Report& r) { return read_integer(v, kIntegerMax, r.duration_ms); }},
    {"event", read_event},
    {"session",
     [](dom::element v, Report& r) {
       return read_id(v, kSessionBytesMax, Emptiness::allowed, r.session);
     }},
    {"seq", [](dom::element v, Report& r) { return read_integer(v, kIntegerMax, r.seq); }},
    {"age_ms", read_age},
    {"device", [](dom::element v,
                  Report& r) { return read_id(v, kDeviceBytesMax, Emptiness::allowed, r.device); }},
    {"profile",
     [](dom::element v, Report& r) {
       return read_id(v, kProfileBytesMax, Emptiness::allowed, r.profile);
     }},
    {"series", read_series},
    {"credits_ms",
     [](dom::element v, Report& r) { return read_integer(v, kIntegerMax, r.credits_ms); }},
    {"percent", read_percent},
    {"private", read_private},
}};

constexpr std::array<std::string_view, 3> kSeriesFields = {"id", "season", "episode"};

Wrong at_pointer(Wrong problem, std::string_view field) {
  if (problem) problem->pointer = "/" + std::string(field) + problem->pointer;
  return problem;
}

// Reads the known fields of an object, each at most once; null counts as absent.
template <std::size_t N, typename NameOf, typename Read>
Wrong read_fields(dom::object object, NameOf name_of, Read read) {
  std::bitset<N> seen;
  for (const auto& [key, value] : object) {
    std::size_t i = 0;
    while (i < N && name_of(i) != key) ++i;
    if (i == N) continue;
    if (seen.test(i)) return at_pointer(wrong("must be given once"), key);
    seen.set(i);
    if (value.is_null()) continue;
    if (Wrong problem = read(i, value)) return at_pointer(std::move(problem), key);
  }
  return std::nullopt;
}

Wrong read_series(dom::element value, Report& report) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return wrong("must be an object");
  Series series;
  auto problem = read_fields<kSeriesFields.size()>(
      object, [](std::size_t i) { return kSeriesFields[i]; },
      [&](std::size_t i, dom::element part) -> Wrong {
        if (i == 0) return read_id(part, kSeriesIdBytesMax, Emptiness::refused, series.id);
        return read_integer(part, UINT32_MAX, i == 1 ? series.season : series.episode);
      });
  if (problem) return problem;
  if (series.id.empty()) return at_pointer(wrong("is required"), "id");
  report.series = series;
  return std::nullopt;
}

// What the fields mean together.
Wrong settle(Report& report) {
  if (report.video_id.empty()) return at_pointer(wrong("is required"), "video_id");
  if (!report.position_ms && !report.percent_bp && report.event != Event::ended) {
    return at_pointer(wrong("is required, or percent"), "position_ms");
  }
  // A live stream has no duration; players say 0, null or nothing.
  if (report.duration_ms == 0) report.duration_ms.reset();
  if (report.credits_ms == 0) report.credits_ms.reset();
  // Players round, and run on for a frame or two after the end.
  if (report.position_ms && report.duration_ms) {
    report.position_ms = std::min(*report.position_ms, *report.duration_ms);
  }
  return std::nullopt;
}

Result<Report> read_report(dom::object object) {
  Report report;
  Wrong problem = read_fields<kFields.size()>(
      object, [](std::size_t i) { return kFields[i].name; },
      [&](std::size_t i, dom::element value) { return kFields[i].read(value, report); });
  if (!problem) problem = settle(report);
  if (problem) return tl::unexpected(std::move(*problem));
  return report;
}

Result<dom::object> parse_object(dom::parser& parser, std::string_view body) {
  if (body.empty()) return fail(ErrorCode::missing_body, "the request has no body");
  dom::element root;
  const auto error = parser.parse(body.data(), body.size(), false).get(root);
  if (error != simdjson::SUCCESS) {
    return fail(ErrorCode::malformed_json, simdjson::error_message(error));
  }
  dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return fail(ErrorCode::malformed_json, "the body must be a JSON object");
  }
  return object;
}

}  // namespace

static_assert(kBodyPaddingBytes >= simdjson::SIMDJSON_PADDING);

ReportDecoder::ReportDecoder() : parser_(std::make_unique<Parser>()) {
  // 64 KiB is the largest body by default; a larger one, where it is configured, grows it.
  if (parser_->json.allocate(64U << 10U, kJsonDepthMax) != simdjson::SUCCESS) std::abort();
}

ReportDecoder::~ReportDecoder() = default;

Result<Report> ReportDecoder::decode(std::string_view body) {
  const auto object = parse_object(parser_->json, body);
  if (!object) return tl::unexpected(object.error());
  return read_report(*object);
}

Result<std::vector<Result<Report>>> ReportDecoder::decode_batch(std::string_view body) {
  const auto object = parse_object(parser_->json, body);
  if (!object) return tl::unexpected(object.error());
  std::optional<dom::element> reports;
  constexpr std::array<std::string_view, 1> kNames = {"reports"};
  auto problem = read_fields<1>(
      *object, [&](std::size_t i) { return kNames[i]; },
      [&](std::size_t /*i*/, dom::element value) -> Wrong {
        reports = value;
        return std::nullopt;
      });
  if (problem) return tl::unexpected(std::move(*problem));
  dom::array items;
  if (!reports || reports->get(items) != simdjson::SUCCESS) {
    return fail(ErrorCode::invalid_field, "must be a list of reports", "/reports");
  }
  if (items.size() > kBatchReportsMax) {
    return fail(ErrorCode::too_many_items,
                "must hold at most " + std::to_string(kBatchReportsMax) + " reports", "/reports");
  }
  std::vector<Result<Report>> results;
  results.reserve(items.size());
  for (const dom::element item : items) {
    dom::object report;
    const bool is_object = item.get(report) == simdjson::SUCCESS;
    auto& result = results.emplace_back(
        is_object ? read_report(report) : fail(ErrorCode::invalid_field, "must be an object"));
    if (result) continue;
    const std::string place = "/reports/" + std::to_string(results.size() - 1);
    result.error().pointer.insert(0, place);
  }
  return results;
}

}  // namespace playhead
