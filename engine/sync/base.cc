#include "sync/base.h"

#include <algorithm>
#include <map>

namespace mikura {
namespace {

bool path_less(const BaseException& exception, const std::string& path) {
  return exception.path < path;
}

const BaseException* find_exception(const std::vector<BaseException>& exceptions,
                                    const std::string& path) {
  const auto at = std::lower_bound(exceptions.begin(), exceptions.end(), path, path_less);
  return at != exceptions.end() && at->path == path ? &*at : nullptr;
}

// Whether the history that ends with `head` holds this version.
Result<bool> is_published(const SyncContext& context, const Head& head, const BaseVersion& version,
                          std::stop_token stop) {
  bool found = false;
  TRY(context.vault->walk_log(
      head,
      [&](const LogRecord& record) {
        if (record.generation > version.generation) return true;
        found = record.generation == version.generation && record.version == version.version &&
                record.index_sha256 == version.index_sha256;
        return false;
      },
      std::move(stop)));
  return found;
}

}  // namespace

Index with_exceptions(Index version, const std::vector<BaseException>& exceptions) {
  if (exceptions.empty()) return version;
  std::vector<Entry> entries;
  entries.reserve(version.entries.size() + exceptions.size());
  auto exception = exceptions.begin();
  const auto add_exceptions_before = [&](const std::string* path) {
    for (; exception != exceptions.end() && (path == nullptr || exception->path < *path);
         ++exception) {
      if (exception->path.empty()) {
        if (exception->entry) version.root_mtime_ns = exception->entry->mtime_ns;
      } else if (exception->entry) {
        entries.push_back(*exception->entry);
      }
    }
  };
  for (Entry& entry : version.entries) {
    add_exceptions_before(&entry.path);
    if (exception != exceptions.end() && exception->path == entry.path) {
      if (exception->entry) entries.push_back(*exception->entry);
      ++exception;
    } else {
      entries.push_back(std::move(entry));
    }
  }
  add_exceptions_before(nullptr);
  version.entries = std::move(entries);
  return version;
}

std::optional<VersionId> origin_of(const std::string& path, const Index& base,
                                   const std::optional<BaseVersion>& version,
                                   const std::vector<BaseException>& exceptions) {
  if (const BaseException* exception = find_exception(exceptions, path))
    return exception->entry ? exception->version : std::nullopt;
  if (!version || find_entry(base.entries, path) == nullptr) return std::nullopt;
  return version->version;
}

std::vector<BaseException> kept_exceptions(const std::vector<KeptBase>& kept, const Index& base,
                                           const std::optional<BaseVersion>& version,
                                           const std::vector<BaseException>& exceptions) {
  std::map<std::string, BaseException> next;
  for (const KeptBase& keep : kept) {
    BaseException exception;
    exception.path = keep.path;
    if (keep.base != nullptr) exception.entry = *keep.base;
    exception.version = origin_of(keep.path, base, version, exceptions);
    next.insert_or_assign(keep.path, std::move(exception));
  }
  std::vector<BaseException> ordered;
  ordered.reserve(next.size());
  for (auto& [path, exception] : next)
    ordered.push_back(std::move(exception));
  return ordered;
}

Result<std::optional<BaseRecord>> find_unnoticed_publish(const SyncContext& context,
                                                         const Head& head, std::stop_token stop) {
  TRY_ASSIGN(auto announced, context.state.announced_publishes());
  if (announced.empty()) return std::optional<BaseRecord>();
  TRY_ASSIGN(const auto base, context.state.base());
  for (BaseRecord& publish : announced) {
    // One that is ahead of HEAD can still succeed: its request may be under way.
    if (publish.version.generation > head.generation) continue;
    if (base && base->generation >= publish.version.generation) break;
    TRY_ASSIGN(const bool published, is_published(context, head, publish.version, stop));
    if (published) return std::optional<BaseRecord>(std::move(publish));
  }
  return std::optional<BaseRecord>();
}

}  // namespace mikura
