#include <cstdio>
#include <memory>

#include "base/task_group.h"
#include "cli/commands.h"
#include "cli/json_reports.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"
#include "merge/text_diff.h"

namespace mikura {
namespace {

// Larger files are named, not shown line by line.
constexpr std::uint64_t kMaxTextBytes = 4 << 20;

struct DiffOptions {
  std::vector<std::string> words;  // [A [B]] [PATH...]
  bool name_status = false;
  bool stat = false;
};

struct Sides {
  DiffSide before, after;
  std::vector<std::string> paths;
};

// The first one or two words that name versions are versions; the rest are paths. "./name" is always a path.
Result<Sides> understand(Session& session, Invocation& invocation, const DiffOptions& options) {
  Sides sides;
  std::vector<VersionId> versions;
  std::vector<std::string> typed_paths;
  for (const std::string& word : options.words) {
    if (typed_paths.empty() && versions.size() < 2 && word.find('/') == std::string::npos) {
      auto version = session.resolve_version(word, invocation.stop());
      if (version) {
        versions.push_back(*version);
        continue;
      }
      if (!version.failed_with(Code::not_found) && !version.failed_with(Code::invalid)) return std::move(version).error();
    }
    typed_paths.push_back(word);
  }
  if (versions.empty()) {
    TRY_ASSIGN(sides.before.version, session.resolve_version("base", invocation.stop()));
  } else {
    sides.before.version = versions[0];
  }
  if (versions.size() == 2) sides.after.version = versions[1];
  TRY_ASSIGN(sides.paths, index_paths(session, typed_paths, invocation.global.folder));
  return sides;
}

Result<Bytes> content_of(Session& session, const DiffSide& side, const std::optional<Entry>& entry, std::stop_token stop) {
  Bytes content;
  if (!entry || entry->kind == EntryKind::directory) return content;
  if (entry->kind == EntryKind::symlink) return to_bytes(entry->target);
  TRY(session.read_content(side, entry->path,
                           [&](ByteSpan piece) -> Result<void> {
                             append(content, piece);
                             if (content.size() > kMaxTextBytes) return Error(Code::full, "too large to be shown");
                             return {};
                           },
                           std::move(stop)));
  return content;
}

char letter_of(const DiffEntry& entry) {
  if (!entry.renamed_from.empty()) return 'R';
  switch (entry.kind) {
    case Change::Kind::added: return 'A';
    case Change::Kind::removed: return 'D';
    case Change::Kind::modified:
    case Change::Kind::mode_changed: return 'M';
    case Change::Kind::kind_changed: return 'T';
  }
  return 'M';
}

// git's modes.
std::string git_mode(const Entry& entry) {
  if (entry.kind == EntryKind::symlink) return "120000";
  return (entry.mode & 0111) != 0 ? "100755" : "100644";
}

std::string header(const DiffEntry& entry) {
  const std::string before = entry.before ? entry.before->path : entry.path();
  std::string text = fmt::format("diff --git {} {}\n", safe("a/" + before), safe("b/" + entry.path()));
  if (!entry.before) text += fmt::format("new file mode {}\n", git_mode(*entry.after));
  else if (!entry.after) text += fmt::format("deleted file mode {}\n", git_mode(*entry.before));
  else if (git_mode(*entry.before) != git_mode(*entry.after)) {
    text += fmt::format("old mode {}\nnew mode {}\n", git_mode(*entry.before), git_mode(*entry.after));
  }
  if (!entry.renamed_from.empty()) text += fmt::format("similarity index 100%\nrename from {}\nrename to {}\n", safe(before), safe(entry.path()));
  return text;
}

Result<void> print_patch(Session& session, Invocation& invocation, const Sides& sides, const DiffEntry& entry) {
  const bool folder = (entry.after ? entry.after : entry.before)->kind == EntryKind::directory;
  if (folder) {
    invocation.say(fmt::format("{}  {}/", letter_of(entry), safe(entry.path())));
    return {};
  }
  std::string text = header(entry);
  const bool same_content = entry.before && entry.after && entry.before->sha256 == entry.after->sha256 && entry.before->target == entry.after->target;
  if (!same_content) {
    auto before = content_of(session, sides.before, entry.before, invocation.stop());
    auto after = content_of(session, sides.after, entry.after, invocation.stop());
    const bool too_large = before.failed_with(Code::full) || after.failed_with(Code::full);
    if (!too_large && !before) return std::move(before).error();
    if (!too_large && !after) return std::move(after).error();
    if (too_large || looks_binary(*before) || looks_binary(*after)) {
      text += fmt::format("Binary files {} and {} differ\n", entry.before ? safe("a/" + entry.before->path) : "/dev/null",
                          entry.after ? safe("b/" + entry.path()) : "/dev/null");
    } else if (const std::string hunks = unified_hunks(as_text(*before), as_text(*after)); !hunks.empty()) {
      text += fmt::format("--- {}\n+++ {}\n", entry.before ? safe("a/" + entry.before->path) : "/dev/null",
                          entry.after ? safe("b/" + entry.path()) : "/dev/null");
      text += hunks;
    }
  }
  std::fputs(text.c_str(), stdout);
  return {};
}

void print_names(Invocation& invocation, const DiffEntry& entry, bool with_sizes) {
  const std::string from = entry.renamed_from.empty() ? "" : safe(entry.renamed_from) + " -> ";
  std::string line = fmt::format("{}  {}{}", letter_of(entry), from, safe(entry.path()));
  if (with_sizes) {
    line += fmt::format("  ({} -> {})", entry.before ? human_size(entry.before->size_bytes) : "-", entry.after ? human_size(entry.after->size_bytes) : "-");
  }
  invocation.say(line);
}

Result<Exit> diff(Invocation& invocation, const DiffOptions& options) {
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const Sides sides, understand(*session, invocation, options));
  TRY_ASSIGN(const std::vector<DiffEntry> entries, session->diff(sides.before, sides.after, sides.paths, invocation.stop()));
  if (invocation.global.json) {
    invocation.document({{"changes", to_json_list(entries)}});
    return Exit::done;
  }
  for (const DiffEntry& entry : entries) {
    TRY(check_stop(invocation.stop()));
    if (options.name_status || options.stat) print_names(invocation, entry, options.stat);
    else TRY(print_patch(*session, invocation, sides, entry));
  }
  if (entries.empty()) invocation.say(tr("diff.none"));
  return Exit::done;
}

}  // namespace

void add_diff_verb(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<DiffOptions>();
  CLI::App* const verb = app.add_subcommand("diff", "Show what differs between versions, or between a version and the folder");
  verb->add_option("WORDS", options->words, "[A [B]] [PATH...]: two versions, or one and the folder, or (none) the last sync and the folder")
      ->option_text("[A [B]] [PATH...]");
  verb->add_flag("--name-status", options->name_status, "Names only");
  verb->add_flag("--stat", options->stat, "Names and sizes");
  verb->footer("The output is a patch that `git apply` understands. Write ./NAME for a file that is called like a version.\n"
               "Examples:\n  mikura diff\n  mikura diff HEAD~1 HEAD src\n  mikura diff HEAD~3 notes.txt");
  verb->callback([&invocation, options] { invocation.run = [&invocation, options] { return diff(invocation, *options); }; });
}

}  // namespace mikura
