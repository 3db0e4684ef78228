#include "sim/template.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "sim/backend.h"
#include "sim/seams.h"

namespace mikura {
namespace {

class FixedClock final : public Clock {
 public:
  std::int64_t unix_ns() override { return 1'790'000'000'000'000'000; }
  std::chrono::nanoseconds monotonic() override { return {}; }
  bool sleep_for(std::chrono::nanoseconds, std::stop_token) override { return true; }
};

// What the creation needs of a store, without a world around it. The probe races threads for it.
class PlainStore final : public BlobStore {
 public:
  explicit PlainStore(SimStorage& storage) : storage_(storage) {}
  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token) override {
    const std::lock_guard lock(mutex_);
    const SimStorage::Object* const object = storage_.find(name);
    if (object == nullptr) return Error(Code::not_found, std::string(name));
    if (!options.unless_etag.empty() && object->etag == options.unless_etag)
      return std::optional<Blob>();
    return std::optional(Blob{*object->data, object->etag});
  }
  Result<Bytes> get_range(std::string_view, std::uint64_t, std::uint64_t,
                          std::stop_token) override {
    return Error(Code::unsupported, "get_range");
  }
  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition& condition,
                          std::stop_token) override {
    const std::lock_guard lock(mutex_);
    return storage_.put(name, std::make_shared<const Bytes>(to_bytes(data)), condition);
  }
  Result<void> remove(std::string_view name, const std::optional<std::string>& if_etag,
                      std::stop_token) override {
    const std::lock_guard lock(mutex_);
    return storage_.remove(name, if_etag);
  }
  Result<ListPage> list(std::string_view prefix, std::string_view, std::stop_token) override {
    ListPage page;
    for (const auto& [name, object] : storage_.objects()) {
      if (name.starts_with(prefix))
        page.blobs.push_back({name, object.data->size(), object.etag, 0});
    }
    return page;
  }
  Result<void> flush(std::stop_token) override { return {}; }
  std::string describe() const override { return "the simulated store"; }

 private:
  std::mutex mutex_;
  SimStorage& storage_;
};

}  // namespace

std::unique_ptr<const SimTemplate> make_sim_template() {
  auto made = std::make_unique<SimTemplate>();
  PlainStore store(made->storage);
  FixedClock clock;
  SimRandom random(20260101);
  const VaultEnvironment environment{clock, random, sim_client_folder(kOnlooker), {}};
  CreateOptions options;
  auto keys = Vault::create(store, options, sim_key(), environment, {});
  if (!keys) {
    std::fprintf(stderr, "mikura-sim: %s\n", keys.error().message().c_str());
    std::abort();
  }
  made->keys = *std::move(keys);
  made->repository = decode_repository(made->keys.repository)->id;
  return made;
}

KeySource sim_key() {
  ByteArray<32> bytes;
  bytes.fill(std::byte{7});
  return KeySource::key(UserKey(bytes));
}

}  // namespace mikura
