#include "vault/probe.h"

#include <atomic>
#include <charconv>
#include <map>
#include <string>

#include "base/guarded.h"
#include "base/task_group.h"
#include "crypto/uuid.h"

namespace mikura {
namespace {

constexpr unsigned kRacers = 8;
constexpr unsigned kRounds = 2;
constexpr unsigned kCounters = 6;    // at once
constexpr unsigned kIncrements = 4;  // that each tries

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

// What those who increment a counter have seen and done.
struct Counting {
  std::map<std::string, std::string> text_of_etag;
  unsigned done = 0;
  bool one_etag_for_two_texts = false;
};

std::optional<unsigned> parse_count(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<void> increment(BlobStore& store, const std::string& name, Guarded<Counting>& counting,
                       const std::stop_token& stop) {
  TRY_ASSIGN(const Blob blob, get_whole(store, name, 1024, stop));
  const std::string text(as_text(blob.data));
  counting.with([&](Counting& c) {
    const auto [known, is_new] = c.text_of_etag.emplace(blob.etag, text);
    c.one_etag_for_two_texts |= !is_new && known->second != text;
  });
  const std::string next = std::to_string(parse_count(text).value_or(0) + 1);
  auto put = store.put(name, as_bytes(next), PutCondition::if_match(blob.etag), stop);
  if (put) {
    counting.with([](Counting& c) { ++c.done; });
    return {};
  }
  const bool lost = put.failed_with(Code::conflict) || put.failed_with(Code::transient);
  return lost ? Result<void>() : std::move(put).error();
}

// Counts in one object by compare-and-swap, from several threads. An answer that was lost on its
// way may stand for an increment that is not counted here, but none that is may be missing there.
Result<bool> probe_counter(BlobStore& store, const std::string& name, const std::stop_token& stop) {
  TRY(store.put(name, as_bytes("0"), PutCondition::none(), stop));
  Guarded<Counting> counting;
  TRY(for_each_bounded(kCounters, kCounters, stop,
                       [&](std::size_t, std::stop_token inner) -> Result<void> {
                         for (unsigned i = 0; i < kIncrements; ++i)
                           TRY(increment(store, name, counting, inner));
                         return {};
                       }));
  TRY_ASSIGN(const Blob last, get_whole(store, name, 1024, stop));
  return counting.with([&](const Counting& c) {
    return !c.one_etag_for_two_texts && c.done > 0 &&
           parse_count(as_text(last.data)).value_or(0) >= c.done;
  });
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
  if (found.conditional_swap) {
    TRY_ASSIGN(found.conditional_swap, on_scratch(store, random, kRounds, stop, probe_counter));
  }
  auto conditional_delete = on_scratch(store, random, 1, stop, probe_delete);
  found.conditional_delete = conditional_delete && *conditional_delete;
  return found;
}

}  // namespace mikura
