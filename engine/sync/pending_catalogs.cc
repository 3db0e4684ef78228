#include "sync/pending_catalogs.h"

#include "format/codec.h"
#include "format/pack.h"

namespace mikura {
namespace {

// A name that no object of a store has.
constexpr std::string_view kPlace = "pending/catalogs";
constexpr std::size_t kMaxPending = 4096;
constexpr std::size_t kMaxNameBytes = 128;

Bytes encode(std::uint64_t gc_epoch, const std::vector<std::string>& names) {
  Writer writer;
  writer.u64(gc_epoch);
  writer.varint(names.size());
  for (const std::string& name : names)
    writer.text(name);
  return writer.take();
}

}  // namespace

Result<std::vector<std::string>> pending_catalogs(State& state, std::uint64_t gc_epoch) {
  std::vector<std::string> names;
  TRY_ASSIGN(const auto kept, state.cached_object(kPlace));
  if (!kept) return names;
  Reader reader(kept->data, "the list of pending catalogs");
  const bool current = reader.u64() == gc_epoch;
  const std::uint64_t count = reader.varint_max(kMaxPending);
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i)
    names.emplace_back(reader.text(kMaxNameBytes));
  TRY(reader.finish());
  if (!current) names.clear();
  return names;
}

Result<void> add_pending_catalog(State& state, std::uint64_t gc_epoch, const std::string& name) {
  TRY_ASSIGN(std::vector<std::string> names, pending_catalogs(state, gc_epoch));
  if (names.size() == kMaxPending)
    return Error(Code::full, "too many pushes were interrupted since the last that succeeded");
  names.push_back(name);
  return state.cache_object(kPlace, {encode(gc_epoch, names), {}});
}

Result<void> forget_pending_catalogs(State& state) {
  return state.drop_cached_object(kPlace);
}

}  // namespace mikura
