#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

Result<Exit> conflicts(Invocation& invocation) {
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const std::vector<ConflictInfo> found, session->conflicts());
  if (found.empty()) invocation.out.say(tr("conflicts.none"));
  show_conflicts(invocation, found);
  invocation.document_with_figures({{"conflicts", to_json_list(found)}});
  return found.empty() ? Exit::done : Exit::conflicts;
}

}  // namespace

void add_conflicts_verb(Parser& parser, Invocation& invocation) {
  parser.add("conflicts", "help.conflicts", [&invocation] { return conflicts(invocation); });
}

}  // namespace mikura
