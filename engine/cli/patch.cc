#include "cli/patch.h"

#include <fmt/format.h>

#include "cli/text.h"
#include "merge/text_diff.h"

namespace mikura {
namespace {

std::string git_mode(const Entry& entry) {
  if (entry.kind == EntryKind::symlink) return "120000";
  return (entry.mode & 0111) != 0 ? "100755" : "100644";
}

std::string header(const DiffEntry& entry) {
  const std::string& to = entry.path();
  const std::string& from = entry.renamed_from.empty() ? to : entry.renamed_from;
  std::string text =
      fmt::format("diff --git {} {}\n", shown_name("a/" + from), shown_name("b/" + to));
  if (!entry.before && entry.after) {
    text += fmt::format("new file mode {}\n", git_mode(*entry.after));
  } else if (entry.before && !entry.after) {
    text += fmt::format("deleted file mode {}\n", git_mode(*entry.before));
  } else if (entry.before && entry.after && git_mode(*entry.before) != git_mode(*entry.after)) {
    text +=
        fmt::format("old mode {}\nnew mode {}\n", git_mode(*entry.before), git_mode(*entry.after));
  }
  if (!entry.renamed_from.empty()) {
    text += fmt::format("similarity index 100%\nrename from {}\nrename to {}\n", shown_name(from),
                        shown_name(to));
  }
  return text;
}

// The name after "---" or "+++". A tab ends a name with spaces, as git and patch want it.
std::string side_name(const char* prefix, const std::optional<Entry>& side) {
  if (!side) return "/dev/null";
  const std::string name = shown_name(prefix + side->path);
  return name.find(' ') == std::string::npos ? name : name + "\t";
}

bool is_binary(const PatchContent& before, const PatchContent& after) {
  return !before || !after || looks_binary(*before) || looks_binary(*after);
}

}  // namespace

std::string patch_text(const DiffEntry& entry, const PatchContent& before,
                       const PatchContent& after) {
  std::string text = header(entry);
  if (before && after && *before == *after) return text;
  if (is_binary(before, after)) {
    return text + fmt::format("Binary files {} and {} differ\n",
                              entry.before ? shown_name("a/" + entry.before->path) : "/dev/null",
                              entry.after ? shown_name("b/" + entry.after->path) : "/dev/null");
  }
  const std::string hunks = unified_hunks(as_text(*before), as_text(*after));
  if (hunks.empty()) return text;
  return text +
         fmt::format("--- {}\n+++ {}\n", side_name("a/", entry.before),
                     side_name("b/", entry.after)) +
         hunks;
}

LineCounts count_lines(const PatchContent& before, const PatchContent& after) {
  LineCounts counts;
  if (before && after && *before == *after) return counts;
  if (is_binary(before, after)) {
    counts.binary = true;
    return counts;
  }
  const std::string hunks = unified_hunks(as_text(*before), as_text(*after), 0);
  for (std::string_view rest = hunks; !rest.empty();) {
    if (rest.starts_with('+')) ++counts.added;
    if (rest.starts_with('-')) ++counts.removed;
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return counts;
}

std::vector<DiffEntry> split_for_patch(const DiffEntry& entry) {
  if (!entry.before || !entry.after || entry.before->kind == entry.after->kind) return {entry};
  DiffEntry removed = entry;
  removed.kind = Change::Kind::removed;
  removed.after.reset();
  DiffEntry added = entry;
  added.kind = Change::Kind::added;
  added.before.reset();
  return {removed, added};
}

char letter_of(const DiffEntry& entry) {
  if (!entry.renamed_from.empty()) return 'R';
  switch (entry.kind) {
    case Change::Kind::added:
      return 'A';
    case Change::Kind::removed:
      return 'D';
    case Change::Kind::modified:
    case Change::Kind::mode_changed:
      return 'M';
    case Change::Kind::kind_changed:
      return 'T';
  }
  return 'M';
}

}  // namespace mikura
