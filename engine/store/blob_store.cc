#include "store/blob_store.h"

#include <utility>

namespace mikura {
namespace {

constexpr std::size_t kMaxNameBytes = 512;
constexpr std::size_t kMaxComponentBytes = 200;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

bool is_valid_component(std::string_view component) {
  if (component.empty() || component.size() > kMaxComponentBytes || component.front() == '.')
    return false;
  for (const char c : component) {
    if (!is_name_character(c)) return false;
  }
  return true;
}

}  // namespace

bool valid_blob_name(std::string_view name) {
  if (name.size() > kMaxNameBytes) return false;
  for (;;) {
    const std::size_t slash = name.find('/');
    if (!is_valid_component(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

Result<Blob> get_whole(BlobStore& store, std::string_view name, std::uint64_t max_size_bytes,
                       std::stop_token stop) {
  GetOptions options;
  options.max_size_bytes = max_size_bytes;
  TRY_ASSIGN(std::optional<Blob> blob, store.get(name, options, std::move(stop)));
  if (!blob) {
    return Error(Code::internal, "the store answered \"unchanged\" for " + std::string(name) +
                                     " without being asked");
  }
  return *std::move(blob);
}

Result<std::vector<ListedBlob>> list_all(BlobStore& store, std::string_view prefix,
                                         std::stop_token stop) {
  std::vector<ListedBlob> all;
  std::string start;
  for (;;) {
    TRY_ASSIGN(ListPage page, store.list(prefix, start, stop));
    for (ListedBlob& blob : page.blobs) {
      // A store that pages in circles must not fill the memory.
      if (!all.empty() && blob.name <= all.back().name) {
        return Error(Code::corrupt, "the store lists " + blob.name + " after " + all.back().name +
                                        ", out of order")
            .with_hint("The store does not list names in byte order; Mikura cannot use it.");
      }
      all.push_back(std::move(blob));
    }
    if (page.next.empty()) return all;
    if (page.next == start || page.blobs.empty()) {
      return Error(Code::corrupt,
                   "the store's listing of \"" + std::string(prefix) + "\" does not advance");
    }
    start = std::move(page.next);
  }
}

}  // namespace mikura
