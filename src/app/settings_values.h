// Turns the text of one setting into its value and back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "app/settings_table.h"

namespace playhead {

/// Sets a value from text as the environment and flags give it; a list is split at commas. The
/// error is a sentence that names the key, what is allowed and, unless secret, what was given.
tl::expected<void, std::string> set_value(const Setting& setting, std::string_view text,
                                          Settings& settings);

/// Sets a list from its entries; the error is the same.
tl::expected<void, std::string> set_list(const Setting& setting, std::vector<std::string> entries,
                                         Settings& settings);

/// The value as TOML writes it: `"10s"`, `4`, `["a", "b"]`. Shows secrets.
std::string toml_value(const Setting& setting, const Settings& settings);

/// What is allowed, short: `100ms to 10m`, `0 to 256 threads`.
std::string bounds_text(const Setting& setting);

/// What is allowed, as the end of "must be …".
std::string expected_text(const Setting& setting);

}  // namespace playhead
