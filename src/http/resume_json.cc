// Writing resume points.
#include "http/resume_json.h"

#include "http/json_writer.h"

namespace playhead {
namespace {

std::string_view state_name(State state) {
  switch (state) {
    case State::opened:
      return "opened";
    case State::in_progress:
      return "in_progress";
    case State::finished:
      return "finished";
  }
  return "opened";
}

void put_point(JsonWriter& json, const ResumePoint& point) {
  json.put("video_id", point.video_id);
  json.put("state", state_name(point.state));
  json.put_if("position_ms", point.position_ms);
  json.put_if("duration_ms", point.duration_ms);
  if (point.percent_bp) json.put("percent", *point.percent_bp / 100.0);
  json.put_if("resume_position_ms", point.resume_position_ms);
  json.put_if("furthest_position_ms", point.furthest_position_ms);
  json.put("watched_at", point.watched_at.ms);
  if (point.finished_at) json.put("finished_at", point.finished_at->ms);
  if (!point.device.empty()) json.put("device", point.device);
  if (point.series) {
    json.key("series");
    json.begin_object();
    json.put("id", point.series->id);
    json.put("season", point.series->season);
    json.put("episode", point.series->episode);
    json.end_object();
  }
}

}  // namespace

std::string resume_json(const ResumePoint& point) {
  JsonWriter json;
  json.begin_object();
  put_point(json, point);
  json.end_object();
  return json.text();
}

std::string resume_list_json(const ResumePoints& points, ListKind kind) {
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const ResumePoint& point : points.items) {
    json.begin_object();
    put_point(json, point);
    if (kind == ListKind::row) json.put("kind", std::string_view("continue"));
    json.end_object();
  }
  json.end_array();
  if (kind == ListKind::row) {
    json.key("next_cursor");
    if (points.next_cursor) {
      json.value(*points.next_cursor);
    } else {
      json.null();
    }
  }
  json.end_object();
  return json.text();
}

}  // namespace playhead
