// Loading the settings: precedence, complaints, secrets, and that what is written of them is true.
#include "app/settings.h"

#include <array>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "app/settings_forms.h"
#include "app/settings_table.h"
#include "app/settings_values.h"

namespace playhead {
namespace {

constexpr std::string_view kGoodKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";  // 32 bytes
constexpr std::string_view kShortKey = "MDEyMzQ1Njc4OWFiY2RlZg";                      // 16 bytes

// A file that lives as long as this value.
class TempFile {
 public:
  explicit TempFile(std::string_view text, std::string_view name = "settings.toml")
      : path_(std::filesystem::path(testing::TempDir()) /
              concat({testing::UnitTest::GetInstance()->current_test_info()->name(), "-", name})) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  ~TempFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::vector<SettingsProblem> problems_of(const SettingsSources& sources) {
  const auto loaded = load_settings(sources);
  return loaded ? std::vector<SettingsProblem>{} : loaded.error();
}

std::vector<SettingsProblem> problems_of_file(std::string_view text) {
  const TempFile file(text);
  return problems_of({.file = file.path(), .environment = {}, .flags = {}});
}

std::vector<SettingsProblem> problems_of_flag(const std::string& key, const std::string& text) {
  return problems_of({.file = {}, .environment = {}, .flags = {{key, text}}});
}

std::string all_text(const std::vector<SettingsProblem>& problems) {
  std::string text;
  for (const SettingsProblem& problem : problems) {
    text += concat({problem.where, ": ", problem.what, "\n"});
  }
  return text;
}

bool says(const SettingsProblem& problem, std::string_view part) {
  return problem.what.find(part) != std::string::npos;
}

// A text other than the default that loads, whatever the other settings are set to by this.
std::string other_text(const Setting& setting) {
  const std::string default_text = toml_value(setting, Settings{});
  switch (setting.kind) {
    case SettingKind::toggle:
      return default_text == "true" ? "false" : "true";
    case SettingKind::text:
      return "a \"b\" \\ é";
    case SettingKind::list:
      return "https://a.example,https://b.example:8443";
    case SettingKind::listen:
      return setting.min == 0 ? "" : "[::1]:9000";
    case SettingKind::choice:
      return std::string(setting.words.back());
    default:
      break;
  }
  const std::string least = format_number(setting.kind, setting.min);
  const bool least_is_default = default_text == least || default_text == toml_string(least);
  return least_is_default ? format_number(setting.kind, setting.max) : least;
}

TEST(Settings, FlagsBeatEnvironmentBeatsFileBeatsASubcommandsDefaultBeatsDefault) {
  const TempFile file("[http]\nthreads = 1\nidle_timeout_ms = \"1s\"\nrequest_timeout_ms = 1500\n");
  const auto loaded = load_settings({
      .defaults = {{"http.request_timeout_ms", "5s"}, {"http.playhead_interval_s", "2"}},
      .file = file.path(),
      .environment = {{"PLAYHEAD_HTTP_THREADS", "2"}, {"PLAYHEAD_HTTP_IDLE_TIMEOUT_MS", "2s"}},
      .flags = {{"http.threads", "4"}, {"http.threads", "3"}},
  });
  ASSERT_TRUE(loaded) << all_text(loaded.error());
  EXPECT_EQ(loaded->http.threads, 3U);
  EXPECT_EQ(loaded->http.idle_timeout_ms, 2000);
  EXPECT_EQ(loaded->http.request_timeout_ms, 1500);
  EXPECT_EQ(loaded->http.playhead_interval_s, 2);
  EXPECT_EQ(loaded->http.connections_max, 100'000U);
}

TEST(Settings, ReadsEveryKindFromTheFile) {
  const TempFile file(R"(
store = { kind = "memory", sync = false, block_cache_bytes = "1GiB", write_buffer_bytes = 1048576 }
policy.start_percent = 2.55
policy.finish_percent = 95
[http]
admin_listen = ""
listen = "[::1]:0"
allowed_origins = [ "https://a.example", "*" ]
[log]
level = "debug"
)");
  const auto loaded = load_settings({.file = file.path(), .environment = {}, .flags = {}});
  ASSERT_TRUE(loaded) << all_text(loaded.error());
  EXPECT_EQ(loaded->store.kind, StoreKind::memory);
  EXPECT_FALSE(loaded->store.sync);
  EXPECT_EQ(loaded->store.block_cache_bytes, std::size_t{1} << 30);
  EXPECT_EQ(loaded->store.write_buffer_bytes, std::size_t{1} << 20);
  EXPECT_EQ(loaded->policy.start_percent_bp, 255);
  EXPECT_EQ(loaded->policy.finish_percent_bp, 9500);
  EXPECT_FALSE(loaded->http.admin_listen);
  EXPECT_EQ(loaded->http.listen, (ListenAddress{"::1", 0}));
  EXPECT_EQ(loaded->http.allowed_origins, (std::vector<std::string>{"https://a.example", "*"}));
  EXPECT_EQ(loaded->log.level, LogLevel::debug);
}

TEST(Settings, SplitsListsOfTheEnvironmentAtCommas) {
  const auto audiences = [](const std::string& text) {
    const auto loaded = load_settings(
        {.file = {}, .environment = {{"PLAYHEAD_AUTH_AUDIENCES", text}}, .flags = {}});
    return loaded ? loaded->auth.audiences : std::vector<std::string>{all_text(loaded.error())};
  };
  EXPECT_EQ(audiences("a"), (std::vector<std::string>{"a"}));
  EXPECT_EQ(audiences("a, b ,c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(audiences(""), (std::vector<std::string>{}));
  EXPECT_NE(audiences("a,,b").front().find("auth.audiences must be"), std::string::npos);
  EXPECT_NE(audiences("a,").front().find("auth.audiences must be"), std::string::npos);
}

TEST(Settings, NamesTheNearestOfAnUnknownKey) {
  const auto in_file = problems_of_file("[http]\nthreads = 1\nlissten = \"x\"\n");
  ASSERT_EQ(in_file.size(), 1U);
  EXPECT_TRUE(in_file[0].where.ends_with("settings.toml:3")) << in_file[0].where;
  EXPECT_EQ(in_file[0].what, "unknown key http.lissten; the nearest is http.listen");

  const auto variable =
      problems_of({.file = {}, .environment = {{"PLAYHEAD_STORE_SINC", "true"}}, .flags = {}});
  ASSERT_EQ(variable.size(), 1U);
  EXPECT_EQ(variable[0].where, "PLAYHEAD_STORE_SINC");
  EXPECT_EQ(variable[0].what, "no such setting; the nearest is PLAYHEAD_STORE_SYNC");

  const auto flag = problems_of_flag("log.leve", "info");
  ASSERT_EQ(flag.size(), 1U);
  EXPECT_EQ(flag[0].where, "--set log.leve");
  EXPECT_EQ(flag[0].what, "no such setting; the nearest is --set log.level");
}

TEST(Settings, TellsMistakesInTheShapeOfTheFile) {
  EXPECT_EQ(all_text(problems_of_file("[http]\n")), "");
  const auto what = [](std::string_view text) {
    const auto problems = problems_of_file(text);
    return problems.empty() ? std::string("nothing") : problems.front().what;
  };
  for (const std::string_view text : {"http = 5", "http = []", "[[http]]\nthreads = 4"}) {
    EXPECT_EQ(what(text), "http is a group of settings: write [http]");
  }
  EXPECT_TRUE(what("[htp]").starts_with("unknown key htp; ")) << what("[htp]");
  EXPECT_TRUE(what("\"http.listen\" = 'x'").starts_with("unknown key \"http.listen\"; "));
  EXPECT_TRUE(what("[http.listen]\nport = 1").starts_with("unknown key http.listen.port; "));
  EXPECT_TRUE(what("[http.listen]").ends_with(", not a table"));
  EXPECT_TRUE(what("http.threads = '4'").ends_with(", not a string"));
  EXPECT_TRUE(what("http.threads = 4.0").ends_with(", not a float"));
  EXPECT_TRUE(what("store.sync = 1").ends_with(", not an integer"));
  EXPECT_TRUE(what("log.level = true").ends_with(", not a boolean"));
  EXPECT_TRUE(what("data.folder = ['a']").ends_with(", not an array of strings"));
  EXPECT_TRUE(what("auth.audiences = 'a'").ends_with(", not a string"));
  EXPECT_TRUE(what("auth.audiences = ['a', 1]").ends_with(", not a value of another type"));
  EXPECT_TRUE(what("policy.start_percent = nan").ends_with(", not \"nan\""));

  const auto syntax = problems_of_file("[http]\nthreads = = 4\n");
  ASSERT_EQ(syntax.size(), 1U);
  EXPECT_TRUE(syntax[0].where.ends_with("settings.toml:2")) << syntax[0].where;
  EXPECT_TRUE(says(syntax[0], "not TOML: ")) << syntax[0].what;
}

TEST(Settings, TellsOfAFileThatCannotBeRead) {
  const auto missing = problems_of({.file = "/nowhere/p.toml", .environment = {}, .flags = {}});
  EXPECT_EQ(all_text(missing), "/nowhere/p.toml: cannot be read: No such file or directory\n");
  const auto folder = problems_of({.file = testing::TempDir(), .environment = {}, .flags = {}});
  ASSERT_EQ(folder.size(), 1U);
  EXPECT_EQ(folder[0].what, "cannot be read: it is a folder");
  const auto endless = problems_of({.file = "/dev/zero", .environment = {}, .flags = {}});
  ASSERT_EQ(endless.size(), 1U);
  EXPECT_EQ(endless[0].what, "cannot be read: it is larger than 1MiB");
}

TEST(Settings, CollectsEveryProblemOfEverySource) {
  const TempFile file("[http]\nlisten = \"here\"\nidle_timeout_ms = \"2 s\"\n[foo]\nbar = 1\n");
  const auto problems = problems_of({
      .file = file.path(),
      .environment = {{"PLAYHEAD_FOO", "1"}, {"PLAYHEAD_HTTP_THREADS", "257"}},
      .flags = {{"store.kind", "sqlite"}, {"foo", ""}},
  });
  const std::string text = all_text(problems);
  ASSERT_EQ(problems.size(), 7U) << text;
  EXPECT_TRUE(problems[0].where.ends_with(":2")) << text;
  EXPECT_TRUE(problems[1].where.ends_with(":3")) << text;
  EXPECT_TRUE(problems[2].where.ends_with(":5")) << text;
  EXPECT_EQ(problems[3].where, "PLAYHEAD_FOO");
  EXPECT_EQ(problems[4].where, "PLAYHEAD_HTTP_THREADS");
  EXPECT_EQ(problems[4].what, "http.threads must be a whole number, 0 to 256 threads, not \"257\"");
  EXPECT_EQ(problems[5].where, "--set store.kind");
  EXPECT_EQ(problems[5].what, "store.kind must be one of rocksdb, memory, not \"sqlite\"");
  EXPECT_EQ(problems[6].where, "--set foo");
}

TEST(Settings, ChecksPairs) {
  const auto bodies = problems_of({
      .file = {},
      .environment = {{"PLAYHEAD_HTTP_BODY_BYTES_MAX", "64KiB"}},
      .flags = {{"http.batch_body_bytes_max", "32KiB"}},
  });
  EXPECT_EQ(all_text(bodies),
            "PLAYHEAD_HTTP_BODY_BYTES_MAX, --set http.batch_body_bytes_max: "
            "http.body_bytes_max (\"64KiB\") must not be more than "
            "http.batch_body_bytes_max (\"32KiB\")\n");
  EXPECT_TRUE(problems_of_flag("http.body_bytes_max", "64KiB").empty());

  const auto listens = problems_of_flag("http.listen", "127.0.0.1:8081");
  ASSERT_EQ(listens.size(), 1U);
  EXPECT_TRUE(says(listens[0], "must not be the same as http.admin_listen")) << listens[0].what;
  EXPECT_TRUE(
      problems_of({.file = {},
                   .environment = {},
                   .flags = {{"http.listen", "0.0.0.0:0"}, {"http.admin_listen", "0.0.0.0:0"}}})
          .empty());

  const auto lines = problems_of_flag("policy.start_percent", "90");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(says(lines[0], "(90) must be less than policy.finish_percent (90)"));

  // One of a pair is refused: nothing can be said of the pair.
  EXPECT_EQ(problems_of(
                {.file = {},
                 .environment = {},
                 .flags = {{"http.body_bytes_max", "1MiB"}, {"http.batch_body_bytes_max", "much"}}})
                .size(),
            1U);
}

TEST(Settings, TakesTheKeyFromAFileToo) {
  const TempFile good(concat({kGoodKey, "\n"}), "key");
  const auto loaded = load_settings(
      {.file = {}, .environment = {}, .flags = {{"auth.key_file", good.path().string()}}});
  ASSERT_TRUE(loaded) << all_text(loaded.error());
  EXPECT_EQ(loaded->auth.key, kGoodKey);

  const auto both = problems_of({
      .file = {},
      .environment = {{"PLAYHEAD_AUTH_KEY", std::string(kGoodKey)}},
      .flags = {{"auth.key_file", good.path().string()}},
  });
  ASSERT_EQ(both.size(), 1U);
  EXPECT_EQ(both[0].where, "PLAYHEAD_AUTH_KEY, --set auth.key_file");
  EXPECT_TRUE(says(both[0], "auth.key must not be given together with auth.key_file"));

  const auto missing = problems_of_flag("auth.key_file", "/nowhere/key");
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0].what, "auth.key_file cannot be read: No such file or directory");

  for (const std::string_view text : {std::string_view(), kShortKey}) {
    const TempFile bad(text, "bad");
    const auto problems = problems_of_flag("auth.key_file", bad.path().string());
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_TRUE(says(problems[0], "must hold base64url of at least 32 bytes"));
  }
}

TEST(Settings, NeverTellsASecret) {
  const auto short_key = problems_of_flag("auth.key", std::string(kShortKey));
  ASSERT_EQ(short_key.size(), 1U);
  EXPECT_FALSE(says(short_key[0], kShortKey)) << short_key[0].what;
  EXPECT_TRUE(says(short_key[0], "at least 32 bytes")) << short_key[0].what;
  const TempFile file(concat({"auth.key = '", kShortKey, "'\n"}));
  EXPECT_EQ(
      all_text(problems_of({.file = file.path(), .environment = {}, .flags = {}})).find(kShortKey),
      std::string::npos);

  Settings settings;
  EXPECT_NE(show_settings(settings).find("\nkey = \"\"  # default\n"), std::string::npos);
  settings.auth.key = kGoodKey;
  const std::string shown = show_settings(settings);
  EXPECT_EQ(shown.find(kGoodKey), std::string::npos);
  EXPECT_NE(shown.find("\n# key = \"<redacted>\"\n"), std::string::npos) << shown;
}

TEST(Settings, ShowsWhatLoadsBack) {
  const TempFile key(kGoodKey, "key");
  SettingsSources sources;
  for (const Setting& setting : settings_table()) {
    if (setting.secret) continue;
    const bool is_key_file = setting.key == "auth.key_file";
    sources.flags.emplace_back(setting.key,
                               is_key_file ? key.path().string() : other_text(setting));
  }
  const auto changed = load_settings(sources);
  ASSERT_TRUE(changed) << all_text(changed.error());
  for (const Settings& settings : {Settings{}, *changed}) {
    const TempFile file(show_settings(settings));
    const auto loaded = load_settings({.file = file.path(), .environment = {}, .flags = {}});
    ASSERT_TRUE(loaded) << all_text(loaded.error()) << show_settings(settings);
    for (const Setting& setting : settings_table()) {
      EXPECT_EQ(toml_value(setting, *loaded), toml_value(setting, settings));
    }
    EXPECT_EQ(show_settings(*loaded), show_settings(settings));
  }
  for (const Setting& setting : settings_table()) {
    EXPECT_NE(toml_value(setting, *changed), toml_value(setting, Settings{})) << setting.key;
  }
}

TEST(Settings, ShowsUnitsAndDefaults) {
  Settings settings;
  settings.http.threads = 4;
  settings.http.request_timeout_ms = 1500;
  const std::string shown = show_settings(settings);
  EXPECT_NE(shown.find("\nthreads = 4  # threads; default 0\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("\nrequest_timeout_ms = \"1500ms\"  # default \"10s\"\n"),
            std::string::npos);
  EXPECT_NE(shown.find("\nfinish_percent = 90  # percent; default\n"), std::string::npos);
}

TEST(Settings, TakesItsOwnVariablesOfTheEnvironment) {
  std::vector<std::string> variables = {
      "HOME=/root",
      "PLAYHEADS=1",
      "PLAYHEAD_HTTP_LISTEN=0.0.0.0:1=2",
      "PLAYHEAD_AUTH_ISSUER=",
      // A slip to be told of, though it looks a little like one of Kubernetes'.
      "PLAYHEAD_HTTP_PORT=8080",
      // What Kubernetes sets for Services named playhead and playhead-admin.
      "PLAYHEAD_SERVICE_HOST=10.0.0.11",
      "PLAYHEAD_SERVICE_PORT=8080",
      "PLAYHEAD_SERVICE_PORT_HTTP=8080",
      "PLAYHEAD_PORT=tcp://10.0.0.11:8080",
      "PLAYHEAD_PORT_8080_TCP=tcp://10.0.0.11:8080",
      "PLAYHEAD_PORT_8080_TCP_PROTO=tcp",
      "PLAYHEAD_PORT_8080_TCP_ADDR=10.0.0.11",
      "PLAYHEAD_ADMIN_SERVICE_HOST=10.0.0.12",
      "PLAYHEAD_ADMIN_PORT_8081_TCP=tcp://10.0.0.12:8081",
  };
  std::vector<char*> block;
  block.reserve(variables.size() + 1);
  for (std::string& variable : variables) block.push_back(variable.data());
  block.push_back(nullptr);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"PLAYHEAD_HTTP_LISTEN", "0.0.0.0:1=2"},
      {"PLAYHEAD_AUTH_ISSUER", ""},
      {"PLAYHEAD_HTTP_PORT", "8080"},
  };
  EXPECT_EQ(playhead_environment(block.data()), expected);
  EXPECT_TRUE(playhead_environment(nullptr).empty());
}

TEST(Settings, TakesEverySettingFromTheEnvironment) {
  for (const Setting& setting : settings_table()) {
    std::string variable = environment_name(setting.key) + "=tcp://";
    std::array<char*, 2> block = {variable.data(), nullptr};
    EXPECT_EQ(playhead_environment(block.data()).size(), 1U) << setting.key;
  }
}

TEST(Settings, ReferencePageIsTrue) {
  const std::filesystem::path page =
      std::filesystem::path(PLAYHEAD_SOURCE_DIR) / "docs/operations/configuration.md";
  std::ifstream in(page, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_EQ(text, settings_reference())
      << "make it anew: playhead config reference > docs/operations/configuration.md";
}

}  // namespace
}  // namespace playhead
