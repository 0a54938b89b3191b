// The demo's page and its sign-in; in the table only where Service has a demo.
#include "http/demo.h"
#include "http/endpoints.h"
#include "http/exchange.h"

namespace playhead::endpoints {

Outcome get_demo_asset(Exchange& exchange) {
  const Asset* const asset = exchange.service().demo->assets.find(exchange.request().path);
  if (asset == nullptr) return exchange.refuse({ErrorCode::route_not_found, {}, {}});
  return asset_answer(*asset, exchange.request());
}

Outcome sign_in_demo_viewer(Exchange& exchange) {
  const Service& service = exchange.service();
  auto signed_in = service.demo->sign_in(exchange.last_segment(), service.clock.now());
  if (!signed_in) return exchange.refuse({ErrorCode::route_not_found, {}, {}});
  Answer answer = json_answer(std::move(*signed_in));
  answer.head_lines = "Cache-Control: no-store\r\n";
  return answer;
}

}  // namespace playhead::endpoints
