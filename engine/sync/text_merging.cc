#include "sync/text_merging.h"

#include <fmt/format.h>

#include "crypto/hash.h"
#include "merge/text_diff.h"
#include "sync/download.h"

namespace mikura {
namespace {

constexpr std::uint64_t kMaxTextBytes = 16ULL << 20;
constexpr std::int64_t kRacyWindowNs = 2'000'000'000;

Error cannot_merge(const std::string& path, std::string_view why) {
  return Error(Code::unsupported, fmt::format("{} cannot be merged: {}", path, why))
      .with_hint("Nothing was changed. Choose a side, or keep both.");
}

Result<void> check_text(const std::string& path, std::string_view text) {
  if (looks_binary(as_bytes(text))) return cannot_merge(path, "it is not a text");
  return {};
}

Result<std::string> read_stored(const SyncContext& context, const Entry& entry,
                                std::stop_token stop) {
  std::string text;
  TRY(fetch_content(
      context, entry,
      [&](ByteSpan piece) -> Result<void> {
        text += as_text(piece);
        return {};
      },
      std::move(stop)));
  return text;
}

Result<std::string> read_local(const SyncContext& context, const Entry& entry,
                               std::stop_token stop) {
  TRY_ASSIGN(const auto reader, context.tree.open_file(entry.path));
  std::string text;
  Bytes buffer(64 * 1024);
  for (;;) {
    TRY(check_stop(stop));
    TRY_ASSIGN(const std::size_t n, reader->read(buffer));
    if (n == 0) break;
    text += as_text(std::span(buffer).first(n));
    if (text.size() > entry.size_bytes) break;
  }
  if (sha256(as_bytes(text)) != entry.sha256)
    return Error(Code::conflict, fmt::format("{} changed while it was to be merged", entry.path))
        .with_hint("Nothing was changed. Run the command again.");
  return text;
}

}  // namespace

Result<MergedFile> merge_file(const SyncContext& context, const MergeSides& sides,
                              MarkerStyle style, const MergeLabels& labels, std::stop_token stop) {
  const std::string& path = sides.local->path;
  for (const Entry* side : {sides.base, sides.local, sides.remote}) {
    if (side == nullptr) continue;
    if (side->kind != EntryKind::file) return cannot_merge(path, "only files can be");
    if (side->size_bytes > kMaxTextBytes) return cannot_merge(path, "it is too large");
  }
  TRY_ASSIGN(const auto lease, ByteBudget::Lease::take(context.memory, kMaxTextBytes, stop));
  std::string base;
  if (sides.base != nullptr) {
    TRY_ASSIGN(base, read_stored(context, *sides.base, stop));
  }
  TRY_ASSIGN(const std::string local, read_local(context, *sides.local, stop));
  TRY_ASSIGN(const std::string remote, read_stored(context, *sides.remote, stop));
  for (const std::string& text : {base, local, remote})
    TRY(check_text(path, text));
  MergedFile file{merge_texts({base, local, remote}, style, labels), sides.local->mode};
  // The bits are merged like a line: who changed them has his way.
  if (sides.base != nullptr && sides.local->mode == sides.base->mode)
    file.mode = sides.remote->mode;
  return file;
}

Result<FileRecord> place_merged(const SyncContext& context, const MergedFile& file,
                                const std::string& path, const Expectation& expected) {
  const ByteSpan content = as_bytes(file.merged.text);
  TRY_ASSIGN(auto staged, context.tree.stage_file());
  TRY(staged->write(content));
  TRY(staged->finish());
  TRY(context.tree.flush());
  TRY_ASSIGN(const FileStamp stamp, context.tree.place_file(std::move(staged), path, expected,
                                                            {file.mode, context.clock.unix_ns()}));
  FileRecord record{path, stamp, sha256(content), ContentForm::whole, sha256(content), false};
  record.racy = stamp.mtime_ns >= context.clock.unix_ns() - kRacyWindowNs;
  return record;
}

Result<std::optional<Entry>> entry_in_version(const SyncContext& context, const VersionId& version,
                                              const std::string& path, std::stop_token stop) {
  TRY_ASSIGN(const OpenedHead head, read_current_head(context, stop));
  std::optional<LogRecord> found;
  TRY(context.vault->walk_log(
      head.head,
      [&](const LogRecord& record) {
        if (record.version == version) found = record;
        return !found;
      },
      stop));
  if (!found) {
    return Error(Code::not_found, "the version that both sides come from is not in the history")
        .with_hint("Choose a side, or keep both.");
  }
  TRY_ASSIGN(const Index index, load_index(context, version, found->index_sha256, stop));
  const Entry* entry = find_entry(index.entries, path);
  return entry == nullptr ? std::optional<Entry>() : std::optional<Entry>(*entry);
}

}  // namespace mikura
