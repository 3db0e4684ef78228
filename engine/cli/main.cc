// The command `mikura`: parses, runs one verb, says how it went.
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/json_reports.h"
#include "cli/messages.h"
#include "cli/text.h"

namespace mikura {
namespace {

constexpr const char* kDescription =
    "Mikura keeps a folder encrypted, versioned and in sync on S3 or in a directory.\n"
    "Only holders of the key can read or change what is stored.";
constexpr const char* kFooter =
    "Exit codes: 0 done, 1 failed, 2 usage, 3 conflicts remain, 4 access denied, 5 wrong key, 6 tampering or corruption,\n"
    "7 store unreachable, 8 stopped by a guard, 130 cancelled.\n"
    "The key is never given as an argument: --key-file, --key-fd, --key-command, MIKURA_KEY_FILE (a path) or a prompt.";

// Keys must not end up in a core dump, nor be read by another process of the same user.
void protect_memory() {
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

// Many staged files and connections at once.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65536);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

const char* variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

void add_global_options(CLI::App& app, GlobalOptions& global) {
  app.add_option("-C", global.folder, "Work as if started in this folder")->option_text("DIR")->check(CLI::ExistingDirectory);
  app.add_option("--key-file", global.key.file, "File with the key (or passphrase)")->option_text("FILE");
  app.add_option("--key-fd", global.key.fd, "Open descriptor to read the key from")->option_text("N")->check(CLI::NonNegativeNumber);
  app.add_option("--key-command", global.key.command, "Shell command that prints the key")->option_text("COMMAND");
  app.add_flag("--json", global.json, "One JSON document on stdout; errors as JSON on stderr");
  app.add_flag("-q,--quiet", global.quiet, "Say nothing but errors");
  app.add_flag("-v,--verbose", global.verbose, "Show every request and decision on stderr");
  app.add_flag("--no-progress", global.no_progress, "No progress line");
  app.add_option("--profile", global.profile, "AWS profile")->option_text("NAME");
  app.add_option("--region", global.region, "S3 region")->option_text("NAME");
  app.add_option("--endpoint", global.endpoint, "S3 endpoint of another provider")->option_text("URL");
}

void add_verbs(CLI::App& app, Invocation& invocation) {
  add_setup_verbs(app, invocation);
  add_sync_verbs(app, invocation);
  add_status_verb(app, invocation);
  add_history_verbs(app, invocation);
  add_diff_verb(app, invocation);
  add_restore_verb(app, invocation);
  add_conflict_verbs(app, invocation);
  add_key_verb(app, invocation);
  add_doctor_verb(app, invocation);
  add_completion_verb(app, invocation);
}

int report(Invocation& invocation, const Error& error) {
  invocation.clear_progress();
  const Exit exit = exit_for(error.code());
  if (invocation.global.json) {
    std::fputs((to_json(error).dump(2, ' ', false, Json::error_handler_t::replace) + "\n").c_str(), stderr);
    return static_cast<int>(exit);
  }
  if (error.code() == Code::cancelled) {
    std::fputs((tr("error.prefix", tr("error.cancelled")) + "\n").c_str(), stderr);
    return static_cast<int>(exit);
  }
  std::string text = tr("error.prefix", error.message()) + "\n";
  if (current_language() != Language::english) text = tr("error.prefix", tr("error." + std::string(code_name(error.code())))) + "\n  " + error.message() + "\n";
  if (!error.hint().empty()) text += "  " + error.hint() + "\n";
  std::fputs(text.c_str(), stderr);
  return static_cast<int>(exit);
}

// The distance of two words in edits (Levenshtein), to suggest the verb that was meant.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string suggestion(const CLI::App& app, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with('-')) continue;
    for (const CLI::App* verb : app.get_subcommands({})) {
      if (verb->get_name() == word) return "";
    }
    for (const CLI::App* verb : app.get_subcommands({})) {
      if (edit_distance(word, verb->get_name()) <= 2) return "  Did you mean `mikura " + verb->get_name() + "`?\n";
    }
  }
  return "";
}

// Parse errors are exceptions of the parser; they end here.
int parse_and_run(int argc, char** argv, Invocation& invocation) {
  CLI::App app(kDescription, "mikura");
  app.footer(kFooter);
  app.set_version_flag("--version", "mikura " MIKURA_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  add_global_options(app, invocation.global);
  add_verbs(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::fprintf(stderr, "mikura: %s\n%s  `mikura --help` lists the verbs, `mikura VERB --help` explains one.\n", error.what(),
                 suggestion(app, argc, argv).c_str());
    return static_cast<int>(Exit::usage);
  }
  if (invocation.global.verbose) set_log_level(LogLevel::debug);
  const Result<Exit> outcome = invocation.run();
  invocation.clear_progress();
  if (!outcome) return report(invocation, outcome.error());
  return static_cast<int>(*outcome);
}

int run_command(int argc, char** argv) {
  protect_memory();
  raise_file_limit();
  std::signal(SIGPIPE, SIG_IGN);
  set_language(language_from(variable("LC_ALL"), variable("LC_MESSAGES"), variable("LANG")));
  const SignalStop signals;
  Invocation invocation(signals.token());
  return parse_and_run(argc, argv, invocation);
}

}  // namespace
}  // namespace mikura

int main(int argc, char** argv) { return mikura::run_command(argc, argv); }
