#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/text.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

constexpr std::size_t kStateColumns = 8;

std::string_view word_for(DoctorCheck::State state) {
  switch (state) {
    case DoctorCheck::State::ok:
      return "doctor.ok";
    case DoctorCheck::State::warning:
      return "doctor.warning";
    case DoctorCheck::State::failed:
      return "doctor.failed";
    case DoctorCheck::State::skipped:
      return "doctor.skipped";
  }
  return "doctor.failed";
}

Colour colour_for(DoctorCheck::State state) {
  switch (state) {
    case DoctorCheck::State::ok:
      return Colour::green;
    case DoctorCheck::State::warning:
      return Colour::yellow;
    case DoctorCheck::State::failed:
      return Colour::red;
    case DoctorCheck::State::skipped:
      return Colour::faint;
  }
  return Colour::red;
}

void print(Output& out, const DoctorCheck& check) {
  const std::string word = tr(word_for(check.state));
  const std::size_t width = display_width(word);
  const std::string padding(width < kStateColumns ? kStateColumns - width : 0, ' ');
  out.show(fmt::format("{}{}  {:24}  {}", out.painted(colour_for(check.state), word), padding,
                       check.name, harmless(check.text)));
  if (check.state == DoctorCheck::State::ok || check.hint.empty()) return;
  out.show(fmt::format("{}  {:24}  {}", std::string(kStateColumns, ' '), "", harmless(check.hint)));
}

Result<Exit> doctor(Invocation& invocation) {
  TRY_ASSIGN(const auto session, invocation.session());
  const std::vector<DoctorCheck> checks = session->doctor(invocation.stop());
  bool healthy = true;
  for (const DoctorCheck& check : checks) {
    healthy = healthy && check.state != DoctorCheck::State::failed;
    print(invocation.out, check);
  }
  invocation.document_with_figures({{"healthy", healthy}, {"checks", to_json_list(checks)}});
  return healthy ? Exit::done : Exit::failed;
}

}  // namespace

void add_doctor_verb(Parser& parser, Invocation& invocation) {
  parser.add("doctor", "help.help", [&invocation] { return doctor(invocation); });
}

}  // namespace mikura
