#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

struct CloneOptions {
  std::string store;
  std::string folder;
};

void print(Invocation& invocation, const SyncReport& report, const std::string& folder) {
  Output& out = invocation.out;
  if (!report.version) {
    out.say(tr("clone.empty", shown_name(folder)));
    return;
  }
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  for (const SyncAction& action : report.actions) {
    if (action.entry_kind == EntryKind::directory) continue;
    ++files;
    bytes += action.size_bytes;
  }
  out.say(tr_count("clone.done", files, report.generation, shown_name(folder), human_size(bytes)));
  say_problems(invocation, report.problems);
}

Result<Exit> clone(Invocation& invocation, const CloneOptions& options) {
  LinkRequest request;
  TRY_ASSIGN(request.store_url, store_url_with(options.store, invocation.global));
  request.folder = options.folder;
  TRY_ASSIGN(const SyncReport report,
             invocation.engine().clone(request, invocation.environment(), invocation.stop()));
  invocation.remember_key_file();
  print(invocation, report, options.folder);
  invocation.document_with_figures(to_json(report));
  return Exit::done;
}

}  // namespace

void add_clone_verb(Parser& parser, Invocation& invocation) {
  const auto options = std::make_shared<CloneOptions>();
  parser.add("clone", "help.set_up", [&invocation, options] { return clone(invocation, *options); })
      .required_argument("STORE", options->store, "option.store")
      .required_argument("DIR", options->folder, "option.clone_dir");
}

}  // namespace mikura
