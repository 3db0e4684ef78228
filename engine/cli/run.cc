#include "cli/run.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/text.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

// In the order in which --help lists them.
void add_all_verbs(Parser& parser, Invocation& invocation) {
  add_init_verb(parser, invocation);
  add_link_verb(parser, invocation);
  add_clone_verb(parser, invocation);
  add_configure_verb(parser, invocation);
  add_sync_verbs(parser, invocation);
  add_watch_verb(parser, invocation);
  add_status_verb(parser, invocation);
  add_log_verb(parser, invocation);
  add_diff_verb(parser, invocation);
  add_show_verb(parser, invocation);
  add_cat_verb(parser, invocation);
  add_restore_verb(parser, invocation);
  add_conflicts_verb(parser, invocation);
  add_resolve_verb(parser, invocation);
  add_key_verb(parser, invocation);
  add_policy_verb(parser, invocation);
  add_doctor_verb(parser, invocation);
  add_serve_verb(parser, invocation);
  add_completion_verb(parser, invocation);
  add_version_verb(parser, invocation);
}

void note_dashes(const std::vector<std::string>& words, Invocation& invocation) {
  const auto dashes = std::find(words.begin(), words.end(), "--");
  invocation.has_dashes = dashes != words.end();
  if (invocation.has_dashes) {
    invocation.words_after_dashes = static_cast<std::size_t>(words.end() - dashes) - 1;
  }
  // An error of the parser is reported as JSON, too, if that is wanted.
  invocation.out.json = std::find(words.begin(), dashes, "--json") != dashes;
}

int report(Invocation& invocation, const Error& error) {
  Output& out = invocation.out;
  const int exit = static_cast<int>(exit_for(error.code()));
  if (out.json) {
    Json document = {{"error", to_json(error)}};
    document["error"]["exit_code"] = exit;
    document["error"].update(invocation.error_details);
    out.complain(json_text(document));
    return exit;
  }
  if (error.code() == Code::cancelled) {
    out.complain(tr("error.line", tr("cancelled")));
    return exit;
  }
  std::string what = error.message();
  if (current_language() != Language::english) {
    // The engine speaks English: the kind of the error comes first in the user's language.
    what = tr("error." + std::string(code_name(error.code()))) + ": " + what;
  }
  out.complain(tr("error.line", harmless(what)));
  if (!error.hint().empty()) out.complain(tr("error.hint", harmless(error.hint())));
  return exit;
}

// In the user's language already.
int report_usage(Invocation& invocation, const Parsed& parsed) {
  if (invocation.out.json) {
    return report(invocation, Error(Code::invalid, parsed.text).with_hint(parsed.hint));
  }
  invocation.out.complain(tr("error.line", harmless(parsed.text)));
  invocation.out.complain(tr("error.hint", harmless(parsed.hint)));
  return static_cast<int>(Exit::usage);
}

int print_text(Invocation& invocation, const std::string& text) {
  const auto printed = invocation.out.raw(as_bytes(text));
  if (printed || invocation.out.is_closed()) return static_cast<int>(Exit::done);
  return report(invocation, printed.error());
}

Result<void> go_to(const std::string& folder) {
  if (folder.empty() || ::chdir(folder.c_str()) == 0) return {};
  return system_error(errno, "go to the folder", folder).with_code(Code::invalid);
}

int run_verb(Invocation& invocation, const VerbAction& action) {
  Output& out = invocation.out;
  out.json = invocation.global.json;
  out.quiet = invocation.global.quiet;
  if (invocation.global.verbose) set_log_level(LogLevel::debug);
  const auto outcome = [&]() -> Result<Exit> {
    TRY(go_to(invocation.global.folder));
    return action();
  }();
  invocation.clear_progress();
  const auto finished = out.finish();
  if (!outcome) {
    // Nobody reads the output any more: no error, and nobody to tell.
    const bool unread = outcome.failed_with(Code::cancelled) && out.is_closed();
    return unread ? static_cast<int>(Exit::done) : report(invocation, outcome.error());
  }
  if (!finished) return report(invocation, finished.error());
  return static_cast<int>(*outcome);
}

}  // namespace

int run_command(const std::vector<std::string>& words, Engine engine, const Streams& streams,
                std::stop_token stop) {
  Invocation invocation(std::move(engine), streams, std::move(stop));
  Parser parser(invocation.global);
  add_all_verbs(parser, invocation);
  note_dashes(words, invocation);
  const Parsed parsed = parser.parse(words);
  switch (parsed.kind) {
    case Parsed::Kind::run:
      return run_verb(invocation, parsed.action);
    case Parsed::Kind::print:
      return print_text(invocation, parsed.text);
    case Parsed::Kind::usage_error:
      return report_usage(invocation, parsed);
  }
  return static_cast<int>(Exit::failed);
}

VerbDescription describe_command() {
  Invocation invocation({}, {}, {});
  Parser parser(invocation.global);
  add_all_verbs(parser, invocation);
  return parser.describe();
}

}  // namespace mikura
