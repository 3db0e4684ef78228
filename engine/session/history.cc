#include "session/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "format/path.h"
#include "sync/snapshot.h"

namespace mikura {
namespace {

constexpr std::size_t kMinIdCharacters = 4;

bool touches(const Change& change, const std::string& path) {
  return is_within(change.path(), path);
}

VersionInfo describe(const Index& index) {
  VersionInfo info;
  info.version = index.version;
  info.generation = index.generation;
  if (!index.parents.empty()) info.parent = index.parents.front().version;
  info.created_unix_ms = index.created_unix_ms;
  info.author = index.author;
  info.device_name = index.device_name;
  info.message = index.message;
  for (const Entry& entry : index.entries) {
    if (entry.kind == EntryKind::directory) continue;
    ++info.files;
    info.total_bytes += entry.size_bytes;
  }
  return info;
}

void count_changes(VersionInfo& info, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    const Entry& entry = change.after != nullptr ? *change.after : *change.before;
    if (entry.kind == EntryKind::directory) continue;
    if (change.kind == Change::Kind::added)
      ++info.added;
    else if (change.kind == Change::Kind::removed)
      ++info.removed;
    else
      ++info.modified;
  }
}

}  // namespace

std::vector<DiffEntry> diff_entries(const std::vector<Entry>& before,
                                    const std::vector<Entry>& after,
                                    const std::vector<std::string>& paths) {
  std::vector<Change> changes = compare_trees(before, after);
  if (!paths.empty()) {
    std::erase_if(changes, [&](const Change& change) {
      return std::none_of(paths.begin(), paths.end(),
                          [&](const std::string& path) { return touches(change, path); });
    });
  }
  std::vector<DiffEntry> out;
  const std::vector<Rename> renames = find_renames(changes);
  for (const Change& change : changes) {
    DiffEntry entry;
    entry.kind = change.kind;
    if (change.before != nullptr) entry.before = *change.before;
    if (change.after != nullptr) entry.after = *change.after;
    const auto arrival = std::find_if(renames.begin(), renames.end(),
                                      [&](const Rename& r) { return r.to == change.after; });
    if (change.after != nullptr && arrival != renames.end()) {
      entry.renamed_from = arrival->from->path;
      entry.before = *arrival->from;
    }
    const bool left = change.after == nullptr &&
                      std::any_of(renames.begin(), renames.end(),
                                  [&](const Rename& r) { return r.from == change.before; });
    if (!left) out.push_back(std::move(entry));
  }
  return out;
}

Result<History> History::open(Workspace& workspace, Vault* vault, std::stop_token stop) {
  TransferCounts counts;
  const SyncContext context = workspace.context(vault, counts);
  TRY_ASSIGN(const OpenedHead head, read_current_head(context, stop));
  return History(workspace, vault, head.head);
}

Result<Index> History::load(const VersionId& version, const Sha256Digest& index_sha256,
                            std::stop_token stop) const {
  TransferCounts counts;
  return load_index(workspace_.context(vault_, counts), version, index_sha256, std::move(stop));
}

Result<LogRecord> History::find_nth(const std::string& text, std::size_t back,
                                    std::stop_token stop) const {
  std::optional<LogRecord> found;
  TRY(vault_->walk_log(
      head_,
      [&](const LogRecord& record) {
        if (back-- != 0) return true;
        found = record;
        return false;
      },
      std::move(stop)));
  if (found) return *found;
  return Error(Code::not_found, fmt::format("there is no version {}", text))
      .with_hint("`mikura log` lists the versions.");
}

Result<LogRecord> History::find(const std::string& text, std::stop_token stop) const {
  if (text == "HEAD") return find_nth(text, 0, stop);
  if (text.starts_with("HEAD~")) {
    std::size_t back = 0;
    const auto parsed = std::from_chars(text.data() + 5, text.data() + text.size(), back);
    if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size())
      return find_nth(text, back, stop);
    return Error(Code::invalid, fmt::format("{} is not a version", text))
        .with_hint("Write HEAD~N with a number, e.g. HEAD~3.");
  }
  std::string wanted = text;
  if (text == "base") {
    TRY_ASSIGN(const auto base, workspace_.state().base());
    if (!base)
      return Error(Code::not_found, "this folder was not synced yet, so it has no base version");
    wanted = format_uuid(base->version.bytes());
  }
  if (wanted.size() < kMinIdCharacters) {
    return Error(Code::invalid, fmt::format("{} is too short for a version", text))
        .with_hint("Give at least 4 characters of its id.");
  }
  std::vector<LogRecord> matches;
  TRY(vault_->walk_log(
      head_,
      [&](const LogRecord& record) {
        const std::string id = format_uuid(record.version.bytes());
        if (id.starts_with(wanted) || id.ends_with(wanted)) matches.push_back(record);
        return matches.size() < 2;
      },
      stop));
  if (matches.empty()) {
    return Error(Code::not_found, fmt::format("there is no version {}", text))
        .with_hint("`mikura log` lists the versions.");
  }
  if (matches.size() > 1) {
    return Error(Code::invalid, fmt::format("{} fits more than one version", text))
        .with_hint("Give more characters; the end of an id tells versions apart best.");
  }
  return matches.front();
}

Result<Index> History::index(const VersionId& version, std::stop_token stop) const {
  TRY_ASSIGN(const LogRecord record, find(format_uuid(version.bytes()), stop));
  return load(record.version, record.index_sha256, stop);
}

Result<VersionInfo> History::info(const VersionId& version, std::stop_token stop) const {
  TRY_ASSIGN(const Index current, index(version, stop));
  Index parent;
  if (!current.parents.empty()) {
    TRY_ASSIGN(parent,
               load(current.parents.front().version, current.parents.front().index_sha256, stop));
  }
  VersionInfo info = describe(current);
  count_changes(info, compare_trees(parent.entries, current.entries));
  return info;
}

Result<void> History::log(const LogRequest& request,
                          const std::function<bool(const VersionInfo&)>& each,
                          std::stop_token stop) const {
  if (head_.generation == 0) return {};
  Index current;
  if (request.before.empty()) {
    TRY_ASSIGN(current, load(head_.version, head_.index_sha256, stop));
  } else {
    TRY_ASSIGN(const LogRecord record, find(request.before, stop));
    TRY_ASSIGN(const Index newer, load(record.version, record.index_sha256, stop));
    if (newer.parents.empty()) return {};
    TRY_ASSIGN(current,
               load(newer.parents.front().version, newer.parents.front().index_sha256, stop));
  }
  std::uint64_t shown = 0;
  for (;;) {
    TRY(check_stop(stop));
    Index parent;
    if (!current.parents.empty()) {
      TRY_ASSIGN(parent,
                 load(current.parents.front().version, current.parents.front().index_sha256, stop));
    }
    const std::vector<Change> changes = compare_trees(parent.entries, current.entries);
    const bool wanted =
        !request.path || std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
          return touches(change, *request.path);
        });
    if (wanted) {
      VersionInfo info = describe(current);
      count_changes(info, changes);
      if (!each(info)) return {};
      if (++shown == request.limit) return {};
    }
    if (current.parents.empty()) return {};
    current = std::move(parent);
  }
}

}  // namespace mikura
