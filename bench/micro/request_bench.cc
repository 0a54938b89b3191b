// What a loop does with a request before it knows what it says: parser, router, token, answer.
#include <benchmark/benchmark.h>

#include "auth/jwt.h"
#include "auth/token_cache.h"
#include "http/answer_writer.h"
#include "http/request_parser.h"
#include "http/routes.h"
#include "micro/samples.h"
#include "unit/auth_tokens.h"

namespace playhead::bench {
namespace {

void parse_request(benchmark::State& state) {
  const std::string bytes = report_request(token_of(kViewer.account));
  for (auto _ : state) {
    RequestParser parser({8U << 10U, 0});
    auto fed = parser.feed(bytes);
    parser.limit_body(16U << 10U);
    auto body = parser.feed(std::string_view(bytes).substr(fed->used));
    if (body->step != RequestParser::Step::complete) state.SkipWithError("not complete");
    benchmark::DoNotOptimize(parser.request().body);
  }
}
BENCHMARK(parse_request);

void route(benchmark::State& state, Method method, std::string_view path) {
  const Router router(public_routes());
  for (auto _ : state) {
    benchmark::DoNotOptimize(method);
    benchmark::DoNotOptimize(router.find(method, path));
  }
}
BENCHMARK_CAPTURE(route, report, Method::post, "/v1/progress");
BENCHMARK_CAPTURE(route, resume_point, Method::get, "/v1/progress/video-000042");
BENCHMARK_CAPTURE(route, row, Method::get, "/v1/keep-watching");
BENCHMARK_CAPTURE(route, none, Method::get, "/v1/nothing-here");

TokenCache token_cache() {
  auto verifier = std::make_shared<JwtVerifier>(kTestKey, JwtSettings{});
  return TokenCache(262'144, [verifier](std::string_view token, Instant now) {
    return verifier->verify(token, now);
  });
}

void token_of_the_connection(benchmark::State& state) {
  const std::string header = "Bearer " + token_of(kViewer.account);
  TokenCache cache = token_cache();
  const Instant now = SystemClock().now();
  const auto last = cache.identify(header, now).value();
  for (auto _ : state) benchmark::DoNotOptimize(cache.identify(header, now, last));
}
BENCHMARK(token_of_the_connection);

// Of 5,000 that are all in the processor's cache, and of 100,000 that are not.
void token_known_to_the_loop(benchmark::State& state) {
  TokenCache cache = token_cache();
  std::vector<std::string> headers;
  for (const std::string& account : some_accounts(state.range(0))) {
    headers.push_back("Bearer " + token_of(account));
  }
  const Instant now = SystemClock().now();
  for (const auto& header : headers) benchmark::DoNotOptimize(cache.identify(header, now));
  std::size_t next = 0;
  for (auto _ : state) {
    // What was just received is near.
    const std::string& soon = headers[(next + 8 * kStride) % headers.size()];
    for (std::size_t at = 0; at < soon.size(); at += 64) __builtin_prefetch(soon.data() + at);
    benchmark::DoNotOptimize(cache.identify(headers[next], now));
    next = (next + kStride) % headers.size();
  }
}
BENCHMARK(token_known_to_the_loop)->Arg(5'000)->Arg(100'000);

void token_never_seen(benchmark::State& state) {
  const std::string token = token_of(kViewer.account);
  JwtVerifier verifier(kTestKey, {});
  const Instant now = SystemClock().now();
  for (auto _ : state) benchmark::DoNotOptimize(verifier.verify(token, now));
}
BENCHMARK(token_never_seen);

void write_answer(benchmark::State& state) {
  const Cors cors({});
  const AnswerWriter writer(cors, 10);
  Answer answer = no_content();
  answer.steers_player = true;
  std::string out;
  for (auto _ : state) {
    out.clear();
    writer.append(answer, {}, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(write_answer);

}  // namespace
}  // namespace playhead::bench
