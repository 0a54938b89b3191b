// Health and metrics.
#include "http/endpoints.h"
#include "http/exchange.h"
#include "http/json_writer.h"
#include "http/readiness.h"

namespace playhead::endpoints {
namespace {

Answer uncached(Answer answer) {
  answer.head_lines += "Cache-Control: no-store\r\n";
  return answer;
}

}  // namespace

// Alive means that the loop turns; it says nothing of the store, which a restart would not mend.
Outcome get_livez(Exchange& /*exchange*/) {
  return uncached(json_answer(R"({"live":true})"));
}

Outcome get_readyz(Exchange& exchange) {
  const auto reasons = exchange.service().readiness.reasons();
  JsonWriter json;
  json.begin_object();
  json.put("ready", reasons.empty());
  json.key("reasons");
  json.begin_array();
  for (const std::string& reason : reasons) json.value(reason);
  json.end_array();
  json.end_object();
  Answer answer = json_answer(json.text());
  if (!reasons.empty()) answer.status = 503;
  return uncached(std::move(answer));
}

Outcome get_metrics(Exchange& exchange) {
  Answer answer;
  answer.type = ContentType::metrics;
  answer.body = exchange.service().metrics_text();
  return uncached(std::move(answer));
}

}  // namespace playhead::endpoints
