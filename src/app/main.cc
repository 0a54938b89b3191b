// The command line: subcommands and the flags that override settings.
#include <exception>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/capacity_command.h"
#include "app/data_folder.h"
#include "app/demo.h"
#include "app/load_command.h"
#include "app/serve.h"
#include "app/settings.h"
#include "app/token_command.h"
#include "app/version.h"

namespace playhead {
namespace {

// A short flag of `serve` for a setting; every other setting goes by --set key=value.
struct SettingFlag {
  const char* flag;
  const char* key;
  const char* help;
};

constexpr SettingFlag kServeFlags[] = {
    {"--listen", "http.listen", "address and port of the API"},
    {"--admin-listen", "http.admin_listen",
     "address and port of health and metrics; \"\" for none"},
    {"--data", "data.folder", "folder of the store and the signing key"},
    {"--threads", "http.threads", "event loops; 0 for one a core"},
};

struct Options {
  std::string config_file;
  std::vector<std::pair<std::string, std::string>> defaults;
  std::vector<std::pair<std::string, std::string>> flags;
};

void add_sources(CLI::App& command, Options& options) {
  command.add_option("--config", options.config_file, "TOML file with settings")
      ->check(CLI::ExistingFile);
  command.add_option_function<std::vector<std::string>>(
      "--set",
      [&options](const std::vector<std::string>& given) {
        for (const std::string& text : given) {
          const auto equals = text.find('=');
          options.flags.emplace_back(text.substr(0, equals),
                                     equals == std::string::npos ? "" : text.substr(equals + 1));
        }
      },
      "any setting, as key=value; see docs/operations/configuration.md");
}

void add_setting_flag(CLI::App& command, const SettingFlag& flag, Options& options) {
  command.add_option_function<std::string>(
      flag.flag,
      [&options, key = flag.key](const std::string& value) {
        options.flags.emplace_back(key, value);
      },
      flag.help);
}

std::optional<Settings> settings_of(const Options& options) {
  SettingsSources sources;
  sources.defaults = options.defaults;
  if (!options.config_file.empty()) sources.file = options.config_file;
  sources.environment = playhead_environment(environ);
  sources.flags = options.flags;
  auto settings = load_settings(sources);
  if (settings) return std::move(*settings);
  for (const SettingsProblem& problem : settings.error()) {
    std::cerr << problem.where << ": " << problem.what << '\n';
  }
  return std::nullopt;
}

// Runs `act` with the settings, or says what is wrong with them.
template <typename Act>
std::function<void()> with_settings_of(const Options& options, int& exit_code, Act act) {
  return [&options, &exit_code, act] {
    const auto settings = settings_of(options);
    exit_code = settings ? act(*settings) : 2;
  };
}

void add_load(CLI::App& cli, Options& options, LoadRequest& request, int& exit_code) {
  auto* command = add_load_command(cli, request);
  add_sources(*command, options);
  add_setting_flag(*command, kServeFlags[2], options);
  command->callback(with_settings_of(options, exit_code, [&request](const Settings& settings) {
    return run_load_command(settings, request);
  }));
}

void add_servers(CLI::App& cli, Options& options, bool& any_address, int& exit_code) {
  auto* serve_command = cli.add_subcommand("serve", "serve the API until SIGTERM");
  add_sources(*serve_command, options);
  for (const SettingFlag& flag : kServeFlags) add_setting_flag(*serve_command, flag, options);
  serve_command->callback(with_settings_of(
      options, exit_code, [](const Settings& settings) { return serve(settings, Mode::api); }));

  auto* demo_command = cli.add_subcommand(
      "demo", "serve the API, and a page to try it on; anybody may sign in there");
  add_sources(*demo_command, options);
  for (const SettingFlag& flag : kServeFlags) add_setting_flag(*demo_command, flag, options);
  demo_command->add_flag("--any-address", any_address,
                         "listen where others can reach it, and sign them in too");
  demo_command->preparse_callback([&options](std::size_t) { options.defaults = demo_defaults(); });
  demo_command->callback(with_settings_of(
      options, exit_code,
      [&any_address](const Settings& settings) { return serve_demo(settings, any_address); }));
}

void add_capacity_and_plan(CLI::App& cli, Options& options, CapacityRequest& request,
                           int& exit_code) {
  auto* command = add_capacity_command(cli, request);
  add_setting_flag(*command, kServeFlags[2], options);
  command->callback(with_settings_of(options, exit_code, [&request](const Settings& settings) {
    return run_capacity_command(settings, request);
  }));
  add_plan_command(cli, request)->callback([&request, &exit_code] {
    exit_code = run_plan_command(request);
  });
}

int run(int argc, char** argv) {
  CLI::App cli("playhead: where every viewer is in every video");
  cli.require_subcommand(1);
  Options options;
  int exit_code = 0;
  const auto with_settings = [&](auto act) { return with_settings_of(options, exit_code, act); };

  bool any_address = false;
  add_servers(cli, options, any_address, exit_code);

  TokenRequest token;
  auto* token_command = cli.add_subcommand("token", "print a bearer token");
  add_sources(*token_command, options);
  add_setting_flag(*token_command, kServeFlags[2], options);
  token_command->add_option("--sub", token.sub, "the account it speaks for")->required();
  token_command->add_option("--ttl", token.ttl, "how long it is valid, such as 90s, 1h or 30d")
      ->capture_default_str();
  token_command->callback(
      with_settings([&token](const Settings& settings) { return print_token(settings, token); }));

  LoadRequest load;
  add_load(cli, options, load, exit_code);
  CapacityRequest capacity;
  add_capacity_and_plan(cli, options, capacity, exit_code);

  auto* config = cli.add_subcommand("config", "look at the settings");
  config->require_subcommand(1);
  for (const char* name : {"check", "show"}) {
    const bool shows = std::string_view(name) == "show";
    auto* command = config->add_subcommand(
        name, shows ? "print every setting as it is in force, secrets redacted"
                    : "say whether the settings can be used");
    add_sources(*command, options);
    for (const SettingFlag& flag : kServeFlags) add_setting_flag(*command, flag, options);
    command->callback(with_settings([shows](const Settings& settings) {
      std::cout << (shows ? show_settings(settings) : "the settings are good\n");
      return 0;
    }));
  }
  config->add_subcommand("reference", "print docs/operations/configuration.md")->callback([] {
    std::cout << settings_reference();
  });

  cli.add_subcommand("version", "print the version")->callback([] {
    std::cout << "playhead " << kVersion << '\n';
  });

  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error);
  }
  return exit_code;
}

}  // namespace
}  // namespace playhead

int main(int argc, char** argv) {
  try {
    return playhead::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "playhead: " << error.what() << '\n';
    return 1;
  }
}
