#include "sync/stored_contents.h"

#include <algorithm>
#include <unordered_map>

#include "format/chunker.h"

namespace mikura {
namespace {

bool is_large_file(const Entry& entry) {
  return entry.kind == EntryKind::file && entry.size_bytes >= kChunkedFromBytes;
}

Entry* find(std::vector<Entry>& entries, std::string_view path) {
  const auto found = std::ranges::lower_bound(entries, path, {}, &Entry::path);
  return found != entries.end() && found->path == path ? &*found : nullptr;
}

}  // namespace

std::vector<Entry*> contents_to_store(std::vector<Entry>& result, std::span<const PlanItem> items,
                                      const std::vector<Entry>& remote) {
  std::vector<Entry*> files;
  for (const PlanItem& item : items) {
    const bool sends = item.remote_op == RemoteOp::add || item.remote_op == RemoteOp::replace;
    if (!sends || item.local->kind != EntryKind::file || is_large_file(*item.local)) continue;
    if (Entry* entry = find(result, item.path)) files.push_back(entry);
  }
  std::unordered_map<Sha256Digest, const Entry*> stored;
  for (const Entry& entry : remote) {
    if (is_large_file(entry)) stored.emplace(entry.sha256, &entry);
  }
  for (Entry& entry : result) {
    if (!is_large_file(entry)) continue;
    if (const auto found = stored.find(entry.sha256); found != stored.end()) {
      entry.form = found->second->form;
      entry.content = found->second->content;
    } else {
      files.push_back(&entry);
    }
  }
  return files;
}

}  // namespace mikura
