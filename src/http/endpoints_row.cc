// The keep-watching row.
#include <charconv>

#include "http/endpoints.h"
#include "http/etag.h"
#include "http/exchange.h"
#include "http/resume_json.h"
#include "query/queries.h"

namespace playhead::endpoints {
namespace {

Result<std::size_t> row_limit(const Exchange& exchange) {
  const auto text = exchange.parameter("limit");
  if (!text) return tl::unexpected(text.error());
  if (!*text) return kRowLimitDefault;
  std::size_t limit = 0;
  const char* end = (*text)->data() + (*text)->size();
  const auto parsed = std::from_chars((*text)->data(), end, limit);
  if (parsed.ec != std::errc{} || parsed.ptr != end || limit < 1 || limit > kRowLimitMax) {
    return fail(ErrorCode::invalid_field, "must be a number from 1 to 100", "limit");
  }
  return limit;
}

}  // namespace

Outcome get_keep_watching(Exchange& exchange) {
  const auto profile = exchange.profile();
  if (!profile) return exchange.refuse(profile.error());
  const auto limit = row_limit(exchange);
  if (!limit) return exchange.refuse(limit.error());
  const auto cursor = exchange.parameter("cursor");
  if (!cursor) return exchange.refuse(cursor.error());
  return exchange.read(
      [viewer = Viewer{std::string(exchange.account()), *profile}, limit = *limit,
       cursor = cursor->value_or(""), queries = &exchange.service().queries,
       tag = std::string(exchange.request().if_none_match)](ReadFrom from) -> Result<Answer> {
        const auto row = queries->keep_watching(viewer, limit, cursor, from);
        if (!row) return tl::unexpected(row.error());
        return tagged_answer(resume_list_json(*row, ListKind::row), tag);
      });
}

}  // namespace playhead::endpoints
