// Reports in, resume points out.
#include "command/report_decoder.h"
#include "http/endpoints.h"
#include "http/etag.h"
#include "http/exchange.h"
#include "http/json_writer.h"
#include "http/problem.h"
#include "http/resume_json.h"
#include "query/queries.h"

namespace playhead::endpoints {
namespace {

Answer steering(Answer answer) {
  answer.steers_player = true;
  return answer;
}

// What became of each report of a batch, once those that were taken are durable.
std::string batch_results(const std::vector<Result<Report>>& reports) {
  JsonWriter json;
  json.begin_object();
  json.key("results");
  json.begin_array();
  for (const auto& report : reports) {
    json.begin_object();
    if (report) {
      json.put("status", 204);
    } else {
      const ProblemKind kind = problem_kind(report.error().code);
      json.put("status", kind.status);
      json.put("code", kind.code);
      json.key("errors");
      put_field_errors(json, report.error());
    }
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.text();
}

}  // namespace

Outcome report_progress(Exchange& exchange) {
  const auto report = exchange.decoder().decode(exchange.request().body);
  if (!report) return exchange.refuse(report.error());
  // Authenticated and answered; nothing is stored and nothing waits for a disk.
  if (report->is_private) return steering(no_content());
  const Command command = *report;
  return exchange.commit({&command, 1}, steering(no_content()));
}

Outcome report_progress_batch(Exchange& exchange) {
  const auto reports = exchange.decoder().decode_batch(exchange.request().body);
  if (!reports) return exchange.refuse(reports.error());
  // A batch costs what its reports would have cost one by one; the first is paid already.
  const auto cost = static_cast<unsigned>(reports->size());
  if (auto refusal = exchange.charge(cost - std::min(cost, 1U))) return refusal;
  std::vector<Command> commands;
  for (const auto& report : *reports) {
    if (report && !report->is_private) commands.emplace_back(*report);
  }
  Answer answer = steering(json_answer(batch_results(*reports)));
  if (commands.empty()) return answer;
  return exchange.commit(commands, std::move(answer));
}

Outcome get_resume_point(Exchange& exchange) {
  const auto video_id = exchange.video_id();
  if (!video_id) return exchange.refuse(video_id.error());
  const auto profile = exchange.profile();
  if (!profile) return exchange.refuse(profile.error());
  return exchange.read(
      [viewer = Viewer{std::string(exchange.account()), *profile}, video_id = *video_id,
       queries = &exchange.service().queries,
       tag = std::string(exchange.request().if_none_match)](ReadFrom from) -> Result<Answer> {
        const std::string_view asked = video_id;
        const auto points = queries->resume_points(viewer, {&asked, 1}, from);
        if (!points) return tl::unexpected(points.error());
        if (points->items.empty()) return problem({ErrorCode::no_resume_point, {}, {}});
        return tagged_answer(resume_json(points->items.front()), tag);
      });
}

Outcome get_resume_points(Exchange& exchange) {
  const auto profile = exchange.profile();
  if (!profile) return exchange.refuse(profile.error());
  auto video_ids = exchange.parameters("video_id");
  if (!video_ids) return exchange.refuse(video_ids.error());
  if (video_ids->empty()) {
    return exchange.refuse({ErrorCode::invalid_field, "is required", "video_id"});
  }
  if (video_ids->size() > kVideosAskedMax) {
    return exchange.refuse({ErrorCode::too_many_items, "at most 100 at once", "video_id"});
  }
  for (const std::string& video_id : *video_ids) {
    const auto checked = check_id(video_id, kVideoIdBytesMax, Emptiness::refused, "video_id");
    if (!checked) return exchange.refuse(checked.error());
  }
  return exchange.read(
      [viewer = Viewer{std::string(exchange.account()), *profile},
       video_ids = std::move(*video_ids), queries = &exchange.service().queries,
       tag = std::string(exchange.request().if_none_match)](ReadFrom from) -> Result<Answer> {
        const std::vector<std::string_view> asked(video_ids.begin(), video_ids.end());
        const auto points = queries->resume_points(viewer, asked, from);
        if (!points) return tl::unexpected(points.error());
        return tagged_answer(resume_list_json(*points, ListKind::resume_points), tag);
      });
}

}  // namespace playhead::endpoints
