#include "cli/diff_words.h"

#include <algorithm>
#include <filesystem>

#include "format/path.h"

namespace mikura {
namespace {

constexpr std::size_t kMinIdCharacters = 4;

bool exists(const std::string& path) {
  std::error_code failure;
  return std::filesystem::exists(std::filesystem::symlink_status(path, failure));
}

// HEAD and the like are versions whatever happens; other words may be paths if they name no
// version.
bool is_named_version(std::string_view word) {
  return word == "HEAD" || word == "base" || word.starts_with("HEAD~");
}

Error ambiguous(const std::string& word) {
  return Error(Code::invalid, word + " is both a version and a file here")
      .with_hint("Write `mikura diff " + word + " --` for the version, `mikura diff -- " + word +
                 "` for the file.");
}

struct Words {
  std::vector<VersionId> versions;
  std::vector<std::string> paths;  // before "--": must exist somewhere
};

// `strict`: a "--" was written, so that a version needs no second thought.
Result<Words> tell_apart(Session& session, const Invocation& invocation,
                         std::span<const std::string> words, bool strict) {
  Words told;
  for (const std::string& word : words) {
    const bool candidate =
        told.paths.empty() && told.versions.size() < 2 && looks_like_version(word);
    const bool is_file = !strict && exists(word);
    if (!candidate) {
      told.paths.push_back(word);
      continue;
    }
    auto version = session.resolve_version(word, invocation.stop());
    if (version) {
      if (is_file) return ambiguous(word);
      told.versions.push_back(*version);
      continue;
    }
    const bool unknown = version.failed_with(Code::not_found) || version.failed_with(Code::invalid);
    if (!unknown || !is_file) return std::move(version).error();
    told.paths.push_back(word);
  }
  return told;
}

Result<bool> is_in(Session& session, const DiffSide& side, const std::string& path,
                   std::stop_token stop) {
  if (!side.version) return false;
  TRY_ASSIGN(const auto entries, session.version_entries(*side.version, std::move(stop)));
  return std::any_of(entries.begin(), entries.end(),
                     [&](const Entry& entry) { return is_within(entry.path, path); });
}

// A misspelt version or path must not look like "no differences".
Result<void> require_known(Session& session, const Invocation& invocation, const DiffSides& sides,
                           const std::vector<std::string>& typed,
                           const std::vector<std::string>& index_paths) {
  for (std::size_t i = 0; i < index_paths.size(); ++i) {
    if (exists(typed[i])) continue;
    TRY_ASSIGN(const bool before, is_in(session, sides.before, index_paths[i], invocation.stop()));
    TRY_ASSIGN(const bool after, is_in(session, sides.after, index_paths[i], invocation.stop()));
    if (before || after) continue;
    return Error(Code::not_found, typed[i] + " is neither a version nor a file")
        .with_hint("`mikura log` lists the versions.");
  }
  return {};
}

}  // namespace

bool looks_like_version(std::string_view word) {
  if (is_named_version(word)) return true;
  if (word.size() < kMinIdCharacters) return false;
  return word.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

Result<DiffSides> understand_diff_words(Session& session, const Invocation& invocation,
                                        const std::vector<std::string>& words) {
  const std::size_t after_dashes = std::min(invocation.words_after_dashes, words.size());
  const std::span all(words);
  const auto free_words = all.first(words.size() - after_dashes);
  TRY_ASSIGN(const Words told, tell_apart(session, invocation, free_words, invocation.has_dashes));
  DiffSides sides;
  if (told.versions.empty()) {
    TRY_ASSIGN(sides.before.version, session.resolve_version("base", invocation.stop()));
  } else {
    sides.before.version = told.versions[0];
  }
  if (told.versions.size() == 2) sides.after.version = told.versions[1];

  TRY_ASSIGN(sides.paths, invocation.index_paths(session, told.paths));
  TRY(require_known(session, invocation, sides, told.paths, sides.paths));
  const auto surely_paths = all.last(after_dashes);
  TRY_ASSIGN(const auto more,
             invocation.index_paths(session, {surely_paths.begin(), surely_paths.end()}));
  // The workspace itself among the paths means everything.
  const bool everything =
      (sides.paths.empty() && !told.paths.empty()) || (more.empty() && !surely_paths.empty());
  if (everything) {
    sides.paths.clear();
  } else {
    sides.paths.insert(sides.paths.end(), more.begin(), more.end());
  }
  return sides;
}

}  // namespace mikura
