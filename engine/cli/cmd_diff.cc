#include <memory>

#include "base/task_group.h"
#include "cli/commands.h"
#include "cli/diff_words.h"
#include "cli/messages.h"
#include "cli/patch.h"
#include "cli/text.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

// Larger files are named, not shown line by line.
constexpr std::uint64_t kMaxTextBytes = 4ULL << 20;

struct DiffOptions {
  std::vector<std::string> words;
  bool name_status = false;
  bool stat = false;
};

class Diff {
 public:
  Diff(Invocation& invocation, Session& session, const DiffSides& sides)
      : invocation_(invocation), out_(invocation.out), session_(session), sides_(sides) {}

  void print_name(const DiffEntry& entry) {
    out_.show(fmt::format("{}  {}", letter_of(entry), names_of(entry)));
  }

  Result<void> print_patch(const DiffEntry& whole) {
    for (const DiffEntry& entry : split_for_patch(whole)) {
      if (is_folder(entry)) {
        print_name(entry);
        continue;
      }
      TRY_ASSIGN(const Contents contents, contents_of(entry));
      TRY(print_patch_text(patch_text(entry, contents.before, contents.after)));
    }
    return {};
  }

  Result<void> print_stat(const DiffEntry& entry) {
    std::string figures;
    if (!is_folder(entry)) {
      TRY_ASSIGN(const Contents contents, contents_of(entry));
      const LineCounts counts = count_lines(contents.before, contents.after);
      total_.added += counts.added;
      total_.removed += counts.removed;
      figures = counts.binary
                    ? "  " + tr("diff.binary", size_of(entry.before), size_of(entry.after))
                    : fmt::format("  +{} -{}", counts.added, counts.removed);
    }
    out_.show(fmt::format("{}  {}{}", letter_of(entry), names_of(entry), figures));
    return {};
  }

  void print_total(std::size_t changes) {
    out_.show(tr("diff.total", changes, total_.added, total_.removed));
  }

 private:
  struct Contents {
    PatchContent before;
    PatchContent after;
  };

  static bool is_folder(const DiffEntry& entry) {
    return (entry.before && entry.before->kind == EntryKind::directory) ||
           (entry.after && entry.after->kind == EntryKind::directory);
  }

  static std::string names_of(const DiffEntry& entry) {
    const bool folder = entry.after ? entry.after->kind == EntryKind::directory : is_folder(entry);
    const std::string from =
        entry.renamed_from.empty() ? "" : shown_name(entry.renamed_from) + " -> ";
    return from + shown_name(entry.path() + (folder ? "/" : ""));
  }

  static std::string size_of(const std::optional<Entry>& side) {
    return side ? human_size(side->size_bytes) : "-";
  }

  Result<Contents> contents_of(const DiffEntry& entry) {
    const bool same_bytes =
        entry.before && entry.after && entry.before->kind == entry.after->kind &&
        entry.before->sha256 == entry.after->sha256 && entry.before->target == entry.after->target;
    if (same_bytes) return Contents{Bytes(), Bytes()};
    Contents contents;
    TRY_ASSIGN(contents.before, content_of(sides_.before, entry.before));
    TRY_ASSIGN(contents.after, content_of(sides_.after, entry.after));
    return contents;
  }

  Result<PatchContent> content_of(const DiffSide& side, const std::optional<Entry>& entry) {
    if (!entry || entry->kind == EntryKind::directory) return PatchContent(Bytes());
    if (entry->kind == EntryKind::symlink) return PatchContent(to_bytes(entry->target));
    if (entry->size_bytes > kMaxTextBytes) return PatchContent();
    Bytes content;
    const auto read = session_.read_content(
        side, entry->path,
        [&](ByteSpan piece) -> Result<void> {
          // A file in the folder may have grown since it was looked at.
          if (content.size() + piece.size() > kMaxTextBytes) {
            return Error(Code::full, "too large to be shown");
          }
          append(content, piece);
          return {};
        },
        invocation_.stop());
    if (read.failed_with(Code::full)) return PatchContent();
    if (!read) return read.error();
    return PatchContent(std::move(content));
  }

  // On a terminal a file's bytes must not act on it, and colours help; a pipe gets the exact patch.
  Result<void> print_patch_text(const std::string& text) {
    if (!out_.streams().out_is_terminal) return out_.raw(as_bytes(text));
    const std::string harmless_text = harmless_lines(text);
    for (std::string_view rest = harmless_text; !rest.empty();) {
      const std::size_t end = rest.find('\n');
      out_.show(coloured(rest.substr(0, end)));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    return {};
  }

  std::string coloured(std::string_view line) const {
    if (line.starts_with("+++ ") || line.starts_with("--- ") || line.starts_with("diff --git ")) {
      return out_.painted(Colour::bold, line);
    }
    if (line.starts_with('+')) return out_.painted(Colour::green, line);
    if (line.starts_with('-')) return out_.painted(Colour::red, line);
    if (line.starts_with("@@ ")) return out_.painted(Colour::cyan, line);
    return std::string(line);
  }

  Invocation& invocation_;
  Output& out_;
  Session& session_;
  const DiffSides& sides_;
  LineCounts total_;
};

Result<Exit> diff(Invocation& invocation, const DiffOptions& options) {
  if (options.name_status && options.stat) {
    return Error(Code::invalid, "--name-status and --stat exclude each other")
        .with_hint("Choose one of them.");
  }
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const DiffSides sides, understand_diff_words(*session, invocation, options.words));
  TRY_ASSIGN(const std::vector<DiffEntry> entries,
             session->diff(sides.before, sides.after, sides.paths, invocation.stop()));
  if (invocation.global.json) {
    invocation.document_with_figures({{"changes", to_json_list(entries)}});
    return Exit::done;
  }
  Diff printer(invocation, *session, sides);
  for (const DiffEntry& entry : entries) {
    TRY(check_stop(invocation.stop()));
    if (invocation.out.is_closed()) return Exit::done;
    if (options.name_status) {
      printer.print_name(entry);
    } else if (options.stat) {
      TRY(printer.print_stat(entry));
    } else {
      TRY(printer.print_patch(entry));
    }
  }
  if (options.stat && !entries.empty()) printer.print_total(entries.size());
  if (entries.empty()) invocation.out.note(tr("diff.none"));
  return Exit::done;
}

}  // namespace

void add_diff_verb(Parser& parser, Invocation& invocation) {
  const auto options = std::make_shared<DiffOptions>();
  parser.add("diff", "help.history", [&invocation, options] { return diff(invocation, *options); })
      .arguments("VERSION|PATH", options->words, "option.diff_words")
      .flag("--name-status", options->name_status, "option.name_status")
      .flag("--stat", options->stat, "option.stat");
}

}  // namespace mikura
