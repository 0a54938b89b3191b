// Encoded records of a viewer: a copy with changes against a map.
#include "store/viewer_records.h"

#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "generators.h"
#include "store/record_codec.h"

namespace playhead {
namespace {

using Model = std::map<std::string, std::string>;

rc::Gen<std::string> any_video_id() {
  return rc::gen::nonEmpty(rc::gen::string<std::string>());
}

rc::Gen<std::string> any_encoded() {
  return rc::gen::map(any_hidden(), [](Hidden hidden) {
    Record record;
    record.hidden = hidden;
    std::string encoded;
    encode(record, encoded);
    return encoded;
  });
}

std::shared_ptr<const EncodedRecords> encoded_of(const Model& model) {
  auto made = std::make_shared<EncodedRecords>();
  for (const auto& [video_id, encoded] : model) made->add(video_id, encoded);
  return made;
}

RC_GTEST_PROP(EncodedRecords, ACopyWithChangesIsWhatAMapWouldHold, ()) {
  auto model = *rc::gen::container<Model>(any_video_id(), any_encoded());
  const auto before = encoded_of(model);
  // Of new videos, of known ones, or of all.
  auto changed = *rc::gen::container<std::map<std::string, std::optional<std::string>>>(
      any_video_id(), maybe(any_encoded()));
  for (const auto& [video_id, encoded] : model) {
    if (*rc::gen::arbitrary<bool>()) changed[video_id] = *maybe(any_encoded());
  }
  std::vector<EncodedRecords::Change> changes;
  for (const auto& [video_id, encoded] : changed) {
    changes.push_back({video_id, encoded});
    if (encoded) {
      model[video_id] = *encoded;
    } else {
      model.erase(video_id);
    }
  }
  const auto after = std::make_shared<EncodedRecords>(before->with(changes));
  RC_ASSERT(after->count() == model.size());
  const auto read = ViewerRecords::of(after, Instant{}).value();
  std::size_t index = 0;
  for (const auto& [video_id, encoded] : model) {
    const StoredRecord& stored = read.records().at(index++);
    RC_ASSERT(stored.video_id == video_id);
    RC_ASSERT(stored.record == *decode(encoded));
  }
}

}  // namespace
}  // namespace playhead
