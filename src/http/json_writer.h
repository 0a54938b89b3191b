// Writing JSON answers: RapidJSON's writer, spoken to with string views.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace playhead {

/// Writes one JSON document from front to back. Calls nest as the document does:
/// begin_object, key and value, …, end_object. Strings are valid UTF-8 and are escaped.
class JsonWriter {
 public:
  JsonWriter() : writer_(buffer_) {}

  void begin_object() { writer_.StartObject(); }
  void end_object() { writer_.EndObject(); }
  void begin_array() { writer_.StartArray(); }
  void end_array() { writer_.EndArray(); }
  void key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }

  void value(std::string_view text) {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(std::same_as<bool> auto truth) { writer_.Bool(truth); }
  void value(double number) { writer_.Double(number); }
  template <std::integral T>
  requires(!std::same_as<T, bool>) void value(T number) {
    if constexpr (std::is_signed_v<T>) {
      writer_.Int64(number);
    } else {
      writer_.Uint64(number);
    }
  }
  void null() { writer_.Null(); }

  /// A member of an object.
  template <typename T>
  void put(std::string_view name, const T& given) {
    key(name);
    value(given);
  }
  template <typename T>
  void put_if(std::string_view name, const std::optional<T>& given) {
    if (given) put(name, *given);
  }

  std::string text() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

}  // namespace playhead
