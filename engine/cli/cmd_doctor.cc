#include "cli/commands.h"
#include "cli/json_reports.h"
#include "cli/messages.h"
#include "cli/text.h"

namespace mikura {
namespace {

std::string_view word_for(DoctorCheck::State state) {
  switch (state) {
    case DoctorCheck::State::ok: return "doctor.ok";
    case DoctorCheck::State::warning: return "doctor.warning";
    case DoctorCheck::State::failed: return "doctor.failed";
    case DoctorCheck::State::skipped: return "doctor.skipped";
  }
  return "doctor.failed";
}

Result<Exit> doctor(Invocation& invocation) {
  TRY_ASSIGN(const auto session, invocation.session());
  const std::vector<DoctorCheck> checks = session->doctor(invocation.stop());
  bool healthy = true;
  for (const DoctorCheck& check : checks) {
    healthy = healthy && check.state != DoctorCheck::State::failed;
    invocation.say(fmt::format("{:8}  {:26}  {}", tr(word_for(check.state)), check.name, check.text));
    if (check.state != DoctorCheck::State::ok && !check.hint.empty()) invocation.say(fmt::format("{:8}  {:26}  {}", "", "", check.hint));
  }
  invocation.document({{"checks", to_json_list(checks)}});
  return healthy ? Exit::done : Exit::failed;
}

}  // namespace

void add_doctor_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* const verb = app.add_subcommand("doctor", "Check store, permissions, key, clock and state");
  verb->footer("Writes a few scratch objects to see what the store can do, and removes them.");
  verb->callback([&invocation] { invocation.run = [&invocation] { return doctor(invocation); }; });
}

}  // namespace mikura
