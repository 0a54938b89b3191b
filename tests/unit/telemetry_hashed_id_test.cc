// The pseudonyms of viewers: known answers, and that no two viewers share one by how they are put.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "telemetry/hashed_id.h"

namespace playhead {
namespace {

TEST(HashedViewer, HasKnownAnswers) {
  // printf '\003ann\004kids' | openssl dgst -sha256 -hmac pepper
  EXPECT_EQ(hashed_viewer("ann", "kids", "pepper"), "6c5b578a04af");
  // printf '\003ann\000' | openssl dgst -sha256 -hmac ''
  EXPECT_EQ(hashed_viewer("ann", "", ""), "2b09038ed9fb");
}

TEST(HashedViewer, TellsViewersAndSaltsApart) {
  const std::set<std::string> ids = {
      hashed_viewer("ann", "kids", "a"), hashed_viewer("annk", "ids", "a"),
      hashed_viewer("annkids", "", "a"), hashed_viewer("", "annkids", "a"),
      hashed_viewer("ann", "kids", "b"), hashed_viewer("ann", "", "a"),
      hashed_viewer("", "", ""),
  };
  EXPECT_EQ(ids.size(), 7U);
  for (const auto& id : ids) {
    EXPECT_EQ(id.size(), 12U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  }
}

TEST(HashedViewer, TakesPartsOfAnyLength) {
  EXPECT_EQ(hashed_viewer(std::string(1'000, 'a'), std::string(1'000, 'p'), std::string(1'000, 's'))
                .size(),
            12U);
}

}  // namespace
}  // namespace playhead
