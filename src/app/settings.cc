// Loads the settings: file, environment, flags, then what must hold between them.
#include "app/settings.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "app/settings_file.h"
#include "app/settings_forms.h"
#include "app/settings_table.h"
#include "app/settings_values.h"

namespace playhead {
namespace {

// Levenshtein: letters to insert, drop or change to get from one to the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t change = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string nearest(std::string_view unknown, const std::vector<std::string>& known) {
  return *std::ranges::min_element(
      known, {}, [&](const std::string& name) { return edit_distance(unknown, name); });
}

std::vector<std::string> names(std::string (*name)(std::string_view key)) {
  std::vector<std::string> all;
  for (const Setting& setting : settings_table()) all.push_back(name(setting.key));
  return all;
}

std::string flag_name(std::string_view key) {
  return concat({"--set ", key});
}
std::string default_name(std::string_view key) {
  return concat({"default of ", key});
}
std::string same_name(std::string_view key) {
  return std::string(key);
}

const Setting* find_setting(std::string_view key) {
  const auto table = settings_table();
  const auto found = std::ranges::find(table, key, &Setting::key);
  return found == table.end() ? nullptr : &*found;
}

const Setting* find_variable(std::string_view name) {
  const auto table = settings_table();
  const auto found = std::ranges::find_if(
      table, [&](const Setting& setting) { return environment_name(setting.key) == name; });
  return found == table.end() ? nullptr : &*found;
}

bool is_group(std::string_view name) {
  return std::ranges::any_of(
      settings_table(), [&](const Setting& setting) { return setting_group(setting.key) == name; });
}

// TOML tells types apart, so that `threads = "4"` is a mistake in a file though text in a flag.
bool fits_type(SettingKind kind, FileType type) {
  switch (kind) {
    case SettingKind::toggle:
      return type == FileType::boolean;
    case SettingKind::count:
      return type == FileType::integer;
    case SettingKind::duration:
    case SettingKind::bytes:
      return type == FileType::integer || type == FileType::string;
    case SettingKind::percent:
      return type == FileType::integer || type == FileType::number;
    case SettingKind::list:
      return type == FileType::strings;
    case SettingKind::text:
    case SettingKind::listen:
    case SettingKind::choice:
      return type == FileType::string;
  }
  std::abort();  // the switch is complete
}

std::string_view type_name(FileType type) {
  switch (type) {
    case FileType::boolean:
      return "a boolean";
    case FileType::integer:
      return "an integer";
    case FileType::number:
      return "a float";
    case FileType::string:
      return "a string";
    case FileType::strings:
      return "an array of strings";
    case FileType::table:
      return "a table";
    case FileType::other:
      return "a value of another type";
  }
  std::abort();  // the switch is complete
}

// One load: the settings so far, who gave each, and what went wrong. Used once, by one thread.
class Load {
 public:
  void read_file(const std::filesystem::path& path) {
    const auto text = read_small_file(path);
    if (!text) return report(path.string(), concat({"cannot be read: ", text.error()}));
    const auto entries = parse_settings_file(*text, path.string());
    if (!entries) return problems_.push_back(entries.error());
    for (const FileEntry& entry : *entries) {
      take_entry(entry, concat({path.string(), ":", std::to_string(entry.line)}));
    }
  }

  void read_environment(const std::vector<std::pair<std::string, std::string>>& variables) {
    for (const auto& [name, text] : variables) {
      const Setting* const setting = find_variable(name);
      if (setting == nullptr) {
        report(name, concat({"no such setting; the nearest is ",
                             nearest(name, names(environment_name))}));
      } else {
        take(*setting, name, set_value(*setting, text, settings_));
      }
    }
  }

  // Settings by key; `where` tells from the key how they were given.
  void read_keys(const std::vector<std::pair<std::string, std::string>>& given,
                 std::string (*where)(std::string_view key)) {
    for (const auto& [key, text] : given) {
      const Setting* const setting = find_setting(key);
      if (setting == nullptr) {
        report(where(key),
               concat({"no such setting; the nearest is ", where(nearest(key, names(same_name)))}));
      } else {
        take(*setting, where(key), set_value(*setting, text, settings_));
      }
    }
  }

  // What one setting alone cannot tell. A pair of which one was refused is left alone: its default
  // is not what the operator meant.
  void check_together() {
    if (sound({"http.body_bytes_max", "http.batch_body_bytes_max"}) &&
        settings_.http.body_bytes_max > settings_.http.batch_body_bytes_max) {
      report_pair("http.body_bytes_max", "http.batch_body_bytes_max", "must not be more than");
    }
    if (sound({"http.listen", "http.admin_listen"}) && settings_.http.listen.port != 0 &&
        settings_.http.listen == settings_.http.admin_listen) {
      report_pair("http.listen", "http.admin_listen", "must not be the same as");
    }
    if (sound({"policy.start_percent", "policy.finish_percent"}) &&
        settings_.policy.start_percent_bp >= settings_.policy.finish_percent_bp) {
      report_pair("policy.start_percent", "policy.finish_percent", "must be less than");
    }
    if (sound({"auth.key", "auth.key_file"}) && !settings_.auth.key_file.empty()) read_key_file();
  }

  tl::expected<Settings, std::vector<SettingsProblem>> result() && {
    if (!problems_.empty()) return tl::unexpected(std::move(problems_));
    return std::move(settings_);
  }

 private:
  void take_entry(const FileEntry& entry, const std::string& where) {
    const Setting* const setting = find_setting(entry.key);
    if (setting == nullptr) {
      if (!is_group(entry.key)) {
        report(where, concat({"unknown key ", entry.key, "; the nearest is ",
                              nearest(entry.key, names(same_name))}));
      } else if (entry.type != FileType::table) {
        report(where, concat({entry.key, " is a group of settings: write [", entry.key, "]"}));
      }
    } else if (!fits_type(setting->kind, entry.type)) {
      take(*setting, where,
           tl::unexpected(concat({setting->key, " must be ", expected_text(*setting), ", not ",
                                  type_name(entry.type)})));
    } else if (setting->kind == SettingKind::list) {
      take(*setting, where, set_list(*setting, entry.texts, settings_));
    } else {
      take(*setting, where, set_value(*setting, entry.texts.front(), settings_));
    }
  }

  void take(const Setting& setting, const std::string& where,
            const tl::expected<void, std::string>& outcome) {
    given_by_[setting.key] = where;
    if (outcome) return;
    refused_.insert(setting.key);
    report(where, outcome.error());
  }

  void read_key_file() {
    const std::string& where = given_by_["auth.key_file"];
    if (!settings_.auth.key.empty()) {
      return report_pair("auth.key", "auth.key_file", "must not be given together with");
    }
    const auto text = read_small_file(settings_.auth.key_file);
    if (!text) return report(where, concat({"auth.key_file cannot be read: ", text.error()}));
    const std::size_t end = text->find_last_not_of(" \t\r\n");
    const std::string_view key = std::string_view(*text).substr(0, end + 1);
    const Setting& setting = *find_setting("auth.key");
    if (key.empty() || !set_value(setting, key, settings_)) {
      report(where, concat({"the file auth.key_file names must hold ", expected_text(setting)}));
    }
  }

  bool sound(std::initializer_list<std::string_view> keys) const {
    return std::ranges::none_of(keys, [&](std::string_view key) { return refused_.contains(key); });
  }

  // "http.body_bytes_max (1MiB) must not be more than http.batch_body_bytes_max (64KiB)".
  void report_pair(std::string_view left, std::string_view right, std::string_view relation) {
    const auto with_value = [&](std::string_view key) {
      const Setting& setting = *find_setting(key);
      if (setting.secret) return std::string(key);
      return concat({key, " (", toml_value(setting, settings_), ")"});
    };
    std::string where;
    for (const std::string_view key : {left, right}) {
      const auto given = given_by_.find(key);
      if (given == given_by_.end()) continue;  // a default
      where = concat({where, where.empty() ? "" : ", ", given->second});
    }
    report(where, concat({with_value(left), " ", relation, " ", with_value(right)}));
  }

  void report(std::string where, std::string what) {
    problems_.push_back({std::move(where), std::move(what)});
  }

  Settings settings_;
  std::vector<SettingsProblem> problems_;
  std::map<std::string_view, std::string> given_by_;
  std::set<std::string_view> refused_;
};

bool is_all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Kubernetes tells every pod of every Service of its namespace in variables, and one named
// `playhead` is the most likely name for ours
// (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
bool is_service_link(std::string_view name, std::string_view text) {
  if (name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT")) return true;
  if (name.find("_SERVICE_PORT_") != std::string_view::npos) return true;
  constexpr std::string_view kInfix = "_PORT";
  const std::size_t port = name.find(kInfix);
  if (port == std::string_view::npos) return false;
  const std::string_view rest = name.substr(port + kInfix.size());
  // PLAYHEAD_PORT=tcp://10.0.0.11:8080, where a slip like PLAYHEAD_HTTP_PORT=8080 is told.
  if (rest.empty()) return text.find("://") != std::string_view::npos;
  // PLAYHEAD_PORT_8080_TCP, …_TCP_PROTO, …_TCP_PORT, …_TCP_ADDR.
  return rest.front() == '_' && is_all_digits(rest.substr(1, rest.find('_', 1) - 1));
}

}  // namespace

tl::expected<Settings, std::vector<SettingsProblem>> load_settings(const SettingsSources& sources) {
  Load load;
  load.read_keys(sources.defaults, default_name);
  if (sources.file) load.read_file(*sources.file);
  load.read_environment(sources.environment);
  load.read_keys(sources.flags, flag_name);
  load.check_together();
  return std::move(load).result();
}

std::vector<std::pair<std::string, std::string>> playhead_environment(char** variables) {
  std::vector<std::pair<std::string, std::string>> found;
  if (variables == nullptr) return found;
  for (; *variables != nullptr; ++variables) {
    const std::string_view variable = *variables;
    const std::size_t equals = variable.find('=');
    if (!variable.starts_with("PLAYHEAD_") || equals == std::string_view::npos) continue;
    const std::string_view name = variable.substr(0, equals);
    const std::string_view text = variable.substr(equals + 1);
    if (!is_service_link(name, text)) found.emplace_back(name, text);
  }
  return found;
}

}  // namespace playhead
