#include "vault/probe.h"

#include <atomic>
#include <string>

#include "base/task_group.h"
#include "crypto/uuid.h"

namespace mikura {
namespace {

constexpr unsigned kRacers = 8;
constexpr unsigned kRounds = 2;

std::string scratch_name(Random& random) {
  return "probe/" + to_hex(random.make_id<PublishId>().bytes());
}

// Races kRacers conditional puts with different bodies; true if exactly one won and its body is
// there.
Result<bool> race(BlobStore& store, const std::string& name, const PutCondition& condition,
                  const std::stop_token& stop) {
  std::atomic<unsigned> winners = 0;
  std::atomic<unsigned> winner = 0;
  TRY(for_each_bounded(
      kRacers, kRacers, stop, [&](std::size_t i, std::stop_token inner) -> Result<void> {
        const std::string body = "racer " + std::to_string(i);
        auto put = store.put(name, as_bytes(body), condition, inner);
        if (put) {
          ++winners;
          winner = static_cast<unsigned>(i);
          return {};
        }
        const Code code = put.error().code();
        // A store may answer "try again" to a racer; it has not won.
        if (code == Code::conflict || code == Code::already_exists || code == Code::transient)
          return {};
        return std::move(put).error();
      }));
  if (winners != 1) return false;
  TRY_ASSIGN(const Blob blob, get_whole(store, name, 1024, stop));
  return as_text(blob.data) == "racer " + std::to_string(winner);
}

bool is_unsupported(const Error& error) {
  return error.code() == Code::unsupported;
}

Result<bool> probe_create(BlobStore& store, const std::string& name, const std::stop_token& stop) {
  auto raced = race(store, name, PutCondition::if_absent(), stop);
  if (!raced && is_unsupported(raced.error())) return false;
  if (!raced || !*raced) return raced;
  auto again = store.put(name, as_bytes("late"), PutCondition::if_absent(), stop);
  if (!again && again.failed_with(Code::already_exists)) return true;
  if (!again) return std::move(again).error();
  return false;
}

Result<bool> probe_swap(BlobStore& store, const std::string& name, const std::stop_token& stop) {
  TRY_ASSIGN(const std::string first,
             store.put(name, as_bytes("first"), PutCondition::none(), stop));
  TRY_ASSIGN(const std::string second,
             store.put(name, as_bytes("second"), PutCondition::none(), stop));
  if (first == second) return false;
  auto stale = store.put(name, as_bytes("stale"), PutCondition::if_match(first), stop);
  if (stale) return false;
  if (is_unsupported(stale.error())) return false;
  if (!stale.failed_with(Code::conflict)) return std::move(stale).error();
  return race(store, name, PutCondition::if_match(second), stop);
}

Result<bool> probe_delete(BlobStore& store, const std::string& name, const std::stop_token& stop) {
  TRY_ASSIGN(const std::string old_etag,
             store.put(name, as_bytes("old"), PutCondition::none(), stop));
  TRY_ASSIGN(const std::string etag, store.put(name, as_bytes("new"), PutCondition::none(), stop));
  auto stale = store.remove(name, old_etag, stop);
  if (stale || !stale.failed_with(Code::conflict)) return false;
  return bool(store.remove(name, etag, stop));
}

// Runs one probe on fresh scratch names, and removes what it left even if it failed.
template <class Probe>
Result<bool> on_scratch(BlobStore& store, Random& random, unsigned rounds,
                        const std::stop_token& stop, Probe probe) {
  for (unsigned round = 0; round < rounds; ++round) {
    const std::string name = scratch_name(random);
    auto good = probe(store, name, stop);
    // A writer without permission to delete leaves some twenty bytes behind: no reason to fail.
    auto removed = store.remove(name, std::nullopt, {});
    static_cast<void>(removed);
    if (!good || !*good) return good;
  }
  return true;
}

}  // namespace

Result<StoreCapabilities> probe_store(BlobStore& store, Random& random, std::stop_token stop) {
  StoreCapabilities found;
  TRY_ASSIGN(found.conditional_create, on_scratch(store, random, kRounds, stop, probe_create));
  TRY_ASSIGN(found.conditional_swap, on_scratch(store, random, kRounds, stop, probe_swap));
  auto conditional_delete = on_scratch(store, random, 1, stop, probe_delete);
  found.conditional_delete = conditional_delete && *conditional_delete;
  return found;
}

}  // namespace mikura
