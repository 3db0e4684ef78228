#include "sim/sim_store.h"

#include "store/store_errors.h"

namespace mikura {

const SimStorage::Object* SimStorage::find(std::string_view name) const {
  const auto found = objects_.find(name);
  return found == objects_.end() ? nullptr : &found->second;
}

Result<std::string> SimStorage::put(std::string_view name, std::shared_ptr<const Bytes> data,
                                    const PutCondition& condition) {
  const auto found = objects_.find(name);
  const bool present = found != objects_.end();
  if (condition.kind == PutCondition::Kind::if_absent && present) return object_exists(name);
  if (condition.kind == PutCondition::Kind::if_match &&
      (!present || found->second.etag != condition.etag))
    return object_changed(name);
  Object object{std::move(data), "\"" + std::to_string(++last_etag_) + "\"",
                condition.kind != PutCondition::Kind::none, nullptr};
  if (present) object.before = found->second.durable ? found->second.data : found->second.before;
  // A put of the same bytes again takes nothing back that was durable.
  if (present && found->second.durable && *found->second.data == *object.data)
    object.durable = true;
  std::string etag = object.etag;
  objects_.insert_or_assign(std::string(name), std::move(object));
  ++puts_;
  return etag;
}

Result<void> SimStorage::remove(std::string_view name, const std::optional<std::string>& if_etag) {
  const auto found = objects_.find(name);
  if (found == objects_.end()) return {};
  if (if_etag && found->second.etag != *if_etag) return object_changed(name);
  objects_.erase(found);
  return {};
}

void SimStorage::flush() {
  for (auto& [name, object] : objects_)
    object.durable = true;
}

void SimStorage::lose_power(const std::function<std::uint32_t(std::uint32_t)>& choose) {
  for (auto it = objects_.begin(); it != objects_.end();) {
    Object& object = it->second;
    const bool undone = !object.durable && choose(2) == 0;
    if (undone && object.before == nullptr) {
      it = objects_.erase(it);
      continue;
    }
    // Replaced in one step: the old one or the new one is there.
    if (undone) object.data = object.before;
    ++it;
  }
  flush();
}

namespace {

class SimStore final : public BlobStore {
 public:
  SimStore(World& world, SimStorage& storage, SimClient* client)
      : world_(world), storage_(storage), client_(client) {}

  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token) override {
    const Verdict verdict = step("get", name);
    if (fails_before(verdict)) return world_.error(*client_, Seam::store, verdict);
    const SimStorage::Object* const object = storage_.find(name);
    if (fails_after(verdict)) return world_.error(*client_, Seam::store, verdict);
    if (object == nullptr) return object_not_found(name);
    if (!options.unless_etag.empty() && object->etag == options.unless_etag)
      return std::optional<Blob>();
    if (object->data->size() > options.max_size_bytes)
      return object_too_large(name, object->data->size(), options.max_size_bytes);
    return std::optional(Blob{*object->data, object->etag});
  }

  Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) override {
    TRY_ASSIGN(const auto blob, get(name, {}, std::move(stop)));
    const ByteSpan all = blob->data;
    if (offset >= all.size()) return Bytes();
    return to_bytes(all.subspan(offset, std::min<std::uint64_t>(length, all.size() - offset)));
  }

  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition& condition,
                          std::stop_token) override {
    const Verdict verdict = step("put", name);
    if (fails_before(verdict)) return world_.error(*client_, Seam::store, verdict);
    auto bytes = std::make_shared<const Bytes>(to_bytes(data));
    if (verdict == Verdict::late || verdict == Verdict::twice)
      storage_.delay({world_.publisher(*client_), std::string(name), bytes, condition});
    if (verdict == Verdict::late) return world_.error(*client_, Seam::store, verdict);
    auto etag = storage_.put(name, bytes, condition);
    if (etag && client_ != nullptr) world_.stored(world_.publisher(*client_), name, *bytes, *etag);
    if (fails_after(verdict)) return world_.error(*client_, Seam::store, verdict);
    return etag;
  }

  Result<void> remove(std::string_view, const std::optional<std::string>&,
                      std::stop_token) override {
    return Error(Code::internal, "nothing is removed in the simulation");
  }

  Result<ListPage> list(std::string_view prefix, std::string_view, std::stop_token) override {
    const Verdict verdict = step("list", prefix);
    if (verdict != Verdict::go) return world_.error(*client_, Seam::store, verdict);
    ListPage page;
    for (auto object = storage_.objects().lower_bound(prefix);
         object != storage_.objects().end() && object->first.starts_with(prefix); ++object)
      page.blobs.push_back(
          {object->first, object->second.data->size(), object->second.etag, world_.now_ns()});
    return page;
  }

  Result<void> flush(std::stop_token) override {
    const Verdict verdict = step("flush", "");
    if (fails_before(verdict)) return world_.error(*client_, Seam::store, verdict);
    storage_.flush();
    if (fails_after(verdict)) return world_.error(*client_, Seam::store, verdict);
    return {};
  }

  std::string describe() const override { return "the simulated store"; }

 private:
  Verdict step(const char* what, std::string_view name) {
    if (client_ == nullptr) return Verdict::go;
    return world_.step(*client_, Seam::store, what, name);
  }

  World& world_;
  SimStorage& storage_;
  SimClient* const client_;
};

}  // namespace

std::unique_ptr<BlobStore> make_sim_store(World& world, SimStorage& storage, SimClient* client) {
  return std::make_unique<SimStore>(world, storage, client);
}

}  // namespace mikura
