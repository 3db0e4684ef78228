#include "store/faulty_store.h"

#include <algorithm>
#include <utility>

#include "store/store_errors.h"

namespace mikura {
namespace {

Error injected(std::string_view what) {
  return {Code::transient, "injected fault: " + std::string(what)};
}

}  // namespace

std::uint64_t FaultyStore::operations() const {
  return script_.with([](const Script& script) { return script.operations; });
}

void FaultyStore::fail_at(std::uint64_t n, FaultMoment moment, Error error) {
  script_.with([&](Script& script) {
    OperationFaults& faults = script.faults[n];
    (moment == FaultMoment::before ? faults.before : faults.after).error = std::move(error);
  });
}

void FaultyStore::call_at(std::uint64_t n, FaultMoment moment, std::function<void()> callback) {
  script_.with([&](Script& script) {
    OperationFaults& faults = script.faults[n];
    (moment == FaultMoment::before ? faults.before : faults.after).callback = std::move(callback);
  });
}

void FaultyStore::delay_put_at(std::uint64_t n) {
  script_.with([&](Script& script) { script.faults[n].delay_put = true; });
}

void FaultyStore::crash_at(std::uint64_t n, FaultMoment moment) {
  script_.with([&](Script& script) {
    if (moment == FaultMoment::after) {
      script.faults[n].after.error = injected("the client crashed here");
      ++n;
    }
    script.dead_from = n;
  });
}

void FaultyStore::fail_randomly(std::uint64_t seed, double probability) {
  script_.with([&](Script& script) {
    script.random.seed(seed);
    script.probability = probability;
  });
}

unsigned FaultyStore::release_delayed_puts() {
  const std::vector<DelayedPut> delayed =
      script_.with([](Script& script) { return std::exchange(script.delayed, {}); });
  unsigned succeeded = 0;
  for (const DelayedPut& put : delayed) {
    if (inner_->put(put.name, put.data, put.condition, {})) ++succeeded;
  }
  return succeeded;
}

void FaultyStore::corrupt(std::string_view name, std::function<void(Bytes&)> change) {
  script_.with(
      [&](Script& script) { script.lies.changes[std::string(name)].push_back(std::move(change)); });
}

void FaultyStore::flip_byte(std::string_view name, std::size_t offset) {
  corrupt(name, [offset](Bytes& data) {
    if (!data.empty()) data[offset % data.size()] ^= std::byte{0x01};
  });
}

void FaultyStore::truncate(std::string_view name, std::size_t size_bytes) {
  corrupt(name, [size_bytes](Bytes& data) { data.resize(std::min(size_bytes, data.size())); });
}

Result<void> FaultyStore::serve_stale(std::string_view name) {
  auto now = get_whole(*inner_, name, kMaxObjectSizeBytes, {});
  if (!now && !now.failed_with(Code::not_found)) return std::move(now).error();
  script_.with([&](Script& script) {
    script.lies.stale.insert_or_assign(std::string(name),
                                       now ? std::optional(*std::move(now)) : std::nullopt);
  });
  return {};
}

void FaultyStore::serve_swapped(std::string_view name, std::string_view other) {
  script_.with([&](Script& script) {
    script.lies.swapped.insert_or_assign(std::string(name), std::string(other));
    script.lies.swapped.insert_or_assign(std::string(other), std::string(name));
  });
}

void FaultyStore::withhold(std::string_view name) {
  script_.with([&](Script& script) { script.lies.withheld.emplace(name); });
}

void FaultyStore::heal() {
  script_.with([](Script& script) {
    script.faults.clear();
    script.dead_from.reset();
    script.probability = 0;
    script.lies = {};
  });
}

FaultyStore::OperationFaults FaultyStore::next_operation() {
  return script_.with([](Script& script) {
    const std::uint64_t n = ++script.operations;
    OperationFaults faults;
    if (const auto found = script.faults.find(n); found != script.faults.end())
      faults = found->second;
    if (script.dead_from && n >= *script.dead_from)
      faults.before.error = injected("the client has crashed");
    if (script.probability > 0 && std::bernoulli_distribution(script.probability)(script.random)) {
      Fault& fault = script.random() % 2 == 0 ? faults.before : faults.after;
      if (!fault.error) fault.error = injected("chance");
    }
    return faults;
  });
}

// `call(delayed)` carries the operation out; a put with `delayed` is kept for later instead.
template <class Call>
auto FaultyStore::operate(const Call& call) -> decltype(call(false)) {
  OperationFaults faults = next_operation();
  if (faults.before.callback) faults.before.callback();
  if (faults.before.error) return *std::move(faults.before.error);
  auto result = call(faults.delay_put);
  if (faults.after.callback) faults.after.callback();
  if (faults.after.error) return *std::move(faults.after.error);
  return result;
}

bool FaultyStore::is_lied_about(std::string_view name) const {
  return script_.with([&](const Script& script) {
    const Lies& lies = script.lies;
    return lies.changes.contains(name) || lies.stale.contains(name) ||
           lies.swapped.contains(name) || lies.withheld.contains(name);
  });
}

Result<Blob> FaultyStore::lie(std::string_view name, std::stop_token stop) {
  const Lies lies = script_.with([](const Script& script) { return script.lies; });
  if (lies.withheld.contains(name)) return object_not_found(name);
  Blob blob;
  if (const auto stale = lies.stale.find(name); stale != lies.stale.end()) {
    if (!stale->second) return object_not_found(name);
    blob = *stale->second;
  } else {
    const auto swapped = lies.swapped.find(name);
    const std::string_view source = swapped == lies.swapped.end() ? name : swapped->second;
    TRY_ASSIGN(blob, get_whole(*inner_, source, kMaxObjectSizeBytes, std::move(stop)));
  }
  if (const auto changes = lies.changes.find(name); changes != lies.changes.end()) {
    for (const auto& change : changes->second)
      change(blob.data);
  }
  return blob;
}

Result<std::optional<Blob>> FaultyStore::get(std::string_view name, const GetOptions& options,
                                             std::stop_token stop) {
  return operate([&](bool) -> Result<std::optional<Blob>> {
    if (!is_lied_about(name)) return inner_->get(name, options, stop);
    TRY_ASSIGN(Blob blob, lie(name, stop));
    if (blob.etag == options.unless_etag) return std::optional<Blob>();
    if (blob.data.size() > options.max_size_bytes) {
      return object_too_large(name, blob.data.size(), options.max_size_bytes);
    }
    return std::optional(std::move(blob));
  });
}

Result<Bytes> FaultyStore::get_range(std::string_view name, std::uint64_t offset,
                                     std::uint64_t length, std::stop_token stop) {
  return operate([&](bool) -> Result<Bytes> {
    if (!is_lied_about(name)) return inner_->get_range(name, offset, length, stop);
    TRY_ASSIGN(const Blob blob, lie(name, stop));
    if (offset >= blob.data.size()) return Bytes();
    return to_bytes(ByteSpan(blob.data).subspan(
        offset, std::min<std::uint64_t>(length, blob.data.size() - offset)));
  });
}

Result<std::string> FaultyStore::put(std::string_view name, ByteSpan data,
                                     const PutCondition& condition, std::stop_token stop) {
  return operate([&](bool delayed) -> Result<std::string> {
    if (!delayed) return inner_->put(name, data, condition, stop);
    script_.with([&](Script& script) {
      script.delayed.push_back({std::string(name), to_bytes(data), condition});
    });
    return injected("the put is delayed");
  });
}

Result<void> FaultyStore::remove(std::string_view name, const std::optional<std::string>& if_etag,
                                 std::stop_token stop) {
  return operate([&](bool) { return inner_->remove(name, if_etag, stop); });
}

Result<ListPage> FaultyStore::list(std::string_view prefix, std::string_view start,
                                   std::stop_token stop) {
  return operate([&](bool) -> Result<ListPage> {
    TRY_ASSIGN(ListPage page, inner_->list(prefix, start, stop));
    script_.with([&](const Script& script) {
      std::erase_if(page.blobs, [&](const ListedBlob& blob) {
        return script.lies.withheld.contains(blob.name);
      });
    });
    return page;
  });
}

Result<void> FaultyStore::flush(std::stop_token stop) {
  return operate([&](bool) { return inner_->flush(stop); });
}

}  // namespace mikura
