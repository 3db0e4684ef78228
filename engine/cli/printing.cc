#include "cli/printing.h"

#include "cli/messages.h"
#include "cli/text.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxLinesOnTerminal = 50;

using Lines = std::vector<std::string>;

char letter_of(const SyncAction& action) {
  if (!action.renamed_from.empty()) return 'R';
  switch (action.kind) {
    case SyncAction::Kind::download_new:
    case SyncAction::Kind::upload_new:
      return 'A';
    case SyncAction::Kind::download_changed:
    case SyncAction::Kind::upload_changed:
      return 'M';
    case SyncAction::Kind::delete_local:
    case SyncAction::Kind::delete_remote:
      return 'D';
    case SyncAction::Kind::metadata_local:
      return 't';
    case SyncAction::Kind::merge:
      return 'G';
    case SyncAction::Kind::conflict:
      return 'C';
  }
  return '?';
}

Colour colour_of(char letter) {
  switch (letter) {
    case 'A':
      return Colour::green;
    case 'M':
      return Colour::yellow;
    case 'R':
      return Colour::cyan;
    case 't':
      return Colour::faint;
    default:
      return Colour::red;
  }
}

void cut_for_terminal(const Output& out, Lines& lines) {
  if (!out.streams().out_is_terminal || lines.size() <= kMaxLinesOnTerminal) return;
  const std::size_t more = lines.size() - (kMaxLinesOnTerminal - 1);
  lines.resize(kMaxLinesOnTerminal - 1);
  lines.push_back(tr("actions.more", more));
}

Lines conflict_lines(const Output& out, const std::vector<ConflictInfo>& conflicts) {
  if (conflicts.empty()) return {};
  Lines lines = {tr_count("conflicts.some", conflicts.size())};
  for (const ConflictInfo& conflict : conflicts) {
    const std::string copy =
        conflict.copy_path.empty() ? tr("conflicts.not_here") : shown_name(conflict.copy_path);
    lines.push_back(
        tr("conflicts.line", out.painted(Colour::red, "C"), shown_name(conflict.path), copy));
  }
  cut_for_terminal(out, lines);
  lines.push_back(tr("conflicts.help"));
  return lines;
}

Lines problem_lines(const Output& out, const std::vector<ScanProblem>& problems) {
  if (problems.empty()) return {};
  Lines lines = {tr_count("problems.some", problems.size())};
  for (const ScanProblem& problem : problems) {
    lines.push_back(fmt::format("  {}  {}: {}", out.painted(Colour::yellow, "!"),
                                shown_name(problem.path), harmless(problem.reason)));
  }
  cut_for_terminal(out, lines);
  return lines;
}

void show_all(Output& out, const Lines& lines) {
  for (const std::string& line : lines)
    out.show(line);
}

void say_all(Output& out, const Lines& lines) {
  for (const std::string& line : lines)
    out.say(line);
}

}  // namespace

Lines action_lines(const Invocation& invocation, const std::vector<SyncAction>& actions) {
  Lines lines;
  for (const SyncAction& action : actions) {
    const char letter = letter_of(action);
    const std::string from =
        action.renamed_from.empty() ? "" : shown_name(action.renamed_from) + " -> ";
    const bool is_folder = action.entry_kind == EntryKind::directory;
    const std::string painted = invocation.out.painted(colour_of(letter), std::string(1, letter));
    lines.push_back(
        fmt::format("  {}  {}{}", painted, from, shown_name(action.path + (is_folder ? "/" : ""))));
  }
  cut_for_terminal(invocation.out, lines);
  return lines;
}

void show_actions(Invocation& invocation, const std::vector<SyncAction>& actions) {
  show_all(invocation.out, action_lines(invocation, actions));
}

void say_actions(Invocation& invocation, const std::vector<SyncAction>& actions) {
  say_all(invocation.out, action_lines(invocation, actions));
}

void show_conflicts(Invocation& invocation, const std::vector<ConflictInfo>& conflicts) {
  show_all(invocation.out, conflict_lines(invocation.out, conflicts));
}

void say_conflicts(Invocation& invocation, const std::vector<ConflictInfo>& conflicts) {
  say_all(invocation.out, conflict_lines(invocation.out, conflicts));
}

void show_problems(Invocation& invocation, const std::vector<ScanProblem>& problems) {
  show_all(invocation.out, problem_lines(invocation.out, problems));
}

void say_problems(Invocation& invocation, const std::vector<ScanProblem>& problems) {
  say_all(invocation.out, problem_lines(invocation.out, problems));
}

void explain_refusal(Invocation& invocation, const std::vector<SyncAction>& actions) {
  if (actions.empty()) return;
  if (invocation.global.json) {
    invocation.error_details["actions"] = to_json_list(actions);
    return;
  }
  invocation.out.note(tr("sync.guarded"));
  for (const std::string& line : action_lines(invocation, actions)) {
    invocation.out.note(line);
  }
}

std::string version_line(const Output& out, const VersionInfo& info) {
  std::string changes;
  const std::pair<char, std::uint64_t> counts[] = {
      {'+', info.added}, {'~', info.modified}, {'-', info.removed}};
  for (const auto& [sign, n] : counts) {
    if (n > 0) changes += fmt::format("{}{}{}", changes.empty() ? "" : " ", sign, n);
  }
  const std::string id = short_id(format_uuid(info.version.bytes()));
  std::string line = fmt::format("{}  {}  {}  ({})", out.painted(Colour::yellow, id),
                                 human_time(info.created_unix_ms), harmless(info.author), changes);
  if (!info.message.empty()) line += "  " + harmless(info.message);
  return line;
}

}  // namespace mikura
