// JSON as Boost.JSON reads it, with every member kept and every number as it was written.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>

namespace playhead::fuzz {

/// A value of a document. A number is its text.
struct Json {
  enum class Kind { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  bool yes = false;
  std::string text;
  std::vector<Json> items;
  std::vector<std::string> keys;  // of an object, as many as items; one may come twice

  bool is(Kind wanted) const { return kind == wanted; }
};

/// Collects what Boost.JSON's parser tells.
class JsonHandler {
 public:
  using Text = boost::json::string_view;
  using ErrorRef = boost::json::error_code&;
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  bool on_document_begin(ErrorRef) { return true; }
  bool on_document_end(ErrorRef) { return true; }
  bool on_object_begin(ErrorRef) { return open(Json::Kind::object); }
  bool on_object_end(std::size_t, ErrorRef) { return shut(); }
  bool on_array_begin(ErrorRef) { return open(Json::Kind::array); }
  bool on_array_end(std::size_t, ErrorRef) { return shut(); }
  bool on_key_part(Text text, std::size_t, ErrorRef) { return keep(text); }
  bool on_key(Text text, std::size_t, ErrorRef) {
    keep(text);
    path_.back().keys.push_back(std::exchange(text_, {}));
    return true;
  }
  bool on_string_part(Text text, std::size_t, ErrorRef) { return keep(text); }
  bool on_string(Text text, std::size_t, ErrorRef) { return keep(text) && end(Json::Kind::string); }
  bool on_number_part(Text text, ErrorRef) { return keep(text); }
  bool on_int64(std::int64_t, Text text, ErrorRef) { return keep(text) && end(Json::Kind::number); }
  bool on_uint64(std::uint64_t, Text text, ErrorRef) {
    return keep(text) && end(Json::Kind::number);
  }
  bool on_double(double, Text text, ErrorRef) { return keep(text) && end(Json::Kind::number); }
  bool on_bool(bool yes, ErrorRef) {
    end(Json::Kind::boolean);
    path_.back().items.back().yes = yes;
    return true;
  }
  bool on_null(ErrorRef) { return end(Json::Kind::null); }
  bool on_comment_part(Text, ErrorRef) { return true; }
  bool on_comment(Text, ErrorRef) { return true; }

  /// The document, once it was read to its end.
  const Json& root() const { return path_.front().items.front(); }
  /// How deep objects and lists with something in them stood in one another.
  std::size_t depth() const { return depth_; }

 private:
  bool keep(Text text) {
    text_.append(text.data(), text.size());
    return true;
  }
  bool end(Json::Kind kind) {
    Json& value = path_.back().items.emplace_back();
    value.kind = kind;
    value.text = std::exchange(text_, {});
    return true;
  }
  bool open(Json::Kind kind) {
    path_.emplace_back().kind = kind;
    return true;
  }
  bool shut() {
    if (!path_.back().items.empty()) depth_ = std::max(depth_, path_.size() - 1);
    Json done = std::move(path_.back());
    path_.pop_back();
    path_.back().items.push_back(std::move(done));
    return true;
  }

  std::vector<Json> path_{1};  // the first holds the document
  std::string text_;
  std::size_t depth_ = 0;
};

}  // namespace playhead::fuzz
