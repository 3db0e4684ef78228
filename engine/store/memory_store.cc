#include "store/memory_store.h"

#include <algorithm>

#include "base/check.h"
#include "base/task_group.h"
#include "store/store_errors.h"

namespace mikura {
namespace {

constexpr std::size_t kPageSize = 1000;

}  // namespace

Result<MemoryStorage::Object> MemoryStore::find(std::string_view name) const {
  CHECK(valid_blob_name(name));
  return storage_->objects_.with(
      [&](const MemoryStorage::Objects& objects) -> Result<MemoryStorage::Object> {
        const auto found = objects.by_name.find(name);
        if (found == objects.by_name.end()) return object_not_found(name);
        return found->second;
      });
}

Result<std::optional<Blob>> MemoryStore::get(std::string_view name, const GetOptions& options,
                                             std::stop_token stop) {
  TRY(check_stop(stop));
  TRY_ASSIGN(const MemoryStorage::Object object, find(name));
  if (!options.unless_etag.empty() && object.etag == options.unless_etag)
    return std::optional<Blob>();
  if (object.data->size() > options.max_size_bytes) {
    return object_too_large(name, object.data->size(), options.max_size_bytes);
  }
  return std::optional(Blob{*object.data, object.etag});
}

Result<Bytes> MemoryStore::get_range(std::string_view name, std::uint64_t offset,
                                     std::uint64_t length, std::stop_token stop) {
  TRY(check_stop(stop));
  TRY_ASSIGN(const MemoryStorage::Object object, find(name));
  const ByteSpan all = *object.data;
  if (offset >= all.size()) return Bytes();
  return to_bytes(all.subspan(offset, std::min<std::uint64_t>(length, all.size() - offset)));
}

Result<std::string> MemoryStore::put(std::string_view name, ByteSpan data,
                                     const PutCondition& condition, std::stop_token stop) {
  TRY(check_stop(stop));
  CHECK(valid_blob_name(name));
  MemoryStorage::Object object{
      std::make_shared<const Bytes>(to_bytes(data)), {}, storage_->clock_.unix_ms()};
  return storage_->objects_.with([&](MemoryStorage::Objects& objects) -> Result<std::string> {
    const auto found = objects.by_name.find(name);
    const bool present = found != objects.by_name.end();
    switch (condition.kind) {
      case PutCondition::Kind::none:
        break;
      case PutCondition::Kind::if_absent:
        if (present) return object_exists(name);
        break;
      case PutCondition::Kind::if_match:
        if (!present || found->second.etag != condition.etag) return object_changed(name);
        break;
    }
    object.etag = "\"" + std::to_string(++objects.last_etag) + "\"";
    std::string etag = object.etag;
    objects.by_name.insert_or_assign(std::string(name), std::move(object));
    return etag;
  });
}

Result<void> MemoryStore::remove(std::string_view name, const std::optional<std::string>& if_etag,
                                 std::stop_token stop) {
  TRY(check_stop(stop));
  CHECK(valid_blob_name(name));
  return storage_->objects_.with([&](MemoryStorage::Objects& objects) -> Result<void> {
    const auto found = objects.by_name.find(name);
    if (found == objects.by_name.end()) return {};
    if (if_etag && found->second.etag != *if_etag) return object_changed(name);
    objects.by_name.erase(found);
    return {};
  });
}

Result<ListPage> MemoryStore::list(std::string_view prefix, std::string_view start,
                                   std::stop_token stop) {
  TRY(check_stop(stop));
  return storage_->objects_.with([&](const MemoryStorage::Objects& objects) {
    ListPage page;
    // `next` is the last name of the page: listing goes on after it, also when it has been removed.
    auto object =
        start.empty() ? objects.by_name.lower_bound(prefix) : objects.by_name.upper_bound(start);
    for (; object != objects.by_name.end() && object->first.starts_with(prefix); ++object) {
      if (page.blobs.size() == kPageSize) {
        page.next = page.blobs.back().name;
        break;
      }
      page.blobs.push_back({.name = object->first,
                            .size_bytes = object->second.data->size(),
                            .etag = object->second.etag,
                            .modified_unix_ms = object->second.modified_unix_ms});
    }
    return page;
  });
}

Result<void> MemoryStore::flush(std::stop_token stop) {
  return check_stop(stop);
}

}  // namespace mikura
