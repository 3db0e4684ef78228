#include "sim/sim_state.h"

#include "sim/world.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxEarlier = 16;

class SimState final : public State {
 public:
  SimState(World& world, SimClient& client) : world_(world), client_(client) {}

  Result<std::optional<WorkspaceLink>> link() override { return data().link; }
  Result<void> set_link(const WorkspaceLink& link) override {
    return change("set_link", "", [&] { data().link = link; });
  }

  Result<std::optional<BaseVersion>> base() override { return data().base; }
  Result<std::vector<FileRecord>> file_records() override {
    std::vector<FileRecord> all;
    for (const auto& [path, record] : data().files)
      all.push_back(record);
    return all;
  }
  Result<std::vector<ConflictRecord>> conflicts() override {
    std::vector<ConflictRecord> all;
    for (const auto& [path, record] : data().conflicts)
      all.push_back(record);
    return all;
  }

  Result<void> remember_files(std::span<const FileRecord> records) override {
    return change("remember_files", "", [&] { put_files(records); });
  }
  Result<void> forget_files_except(std::span<const std::string_view> keep) override {
    return change("forget_files", "", [&] {
      std::map<std::string, FileRecord, std::less<>> kept;
      for (const std::string_view path : keep) {
        const auto found = data().files.find(path);
        if (found != data().files.end()) kept.insert(*found);
      }
      data().files = std::move(kept);
    });
  }

  Result<void> put_conflict(const ConflictRecord& conflict) override {
    return change("put_conflict", conflict.path, [&] {
      data().conflicts[conflict.path] = conflict;
      const SimNodePtr local = client_.fs.find(conflict.path);
      const SimNodePtr copy = client_.fs.find(conflict.copy_path);
      world_.oracle().conflict(client_.id, conflict, local.get(), copy.get());
    });
  }
  Result<void> remove_conflict(std::string_view path) override {
    return change("remove_conflict", path, [&] {
      const auto found = data().conflicts.find(path);
      if (found == data().conflicts.end()) return;
      if (client_.command.kind != CommandKind::resolve) {
        const SimNodePtr local = client_.fs.find(path);
        const SimNodePtr copy = client_.fs.find(found->second.copy_path);
        world_.oracle().conflict_settled(found->second, local.get(), copy.get());
      }
      data().conflicts.erase(found);
    });
  }

  Result<void> commit_base(const BaseRecord& base, std::span<const FileRecord> records,
                           ApplyEnd end) override {
    return change("commit_base", std::to_string(base.version.generation), [&] {
      put_files(records);
      client_.moved_something |= data().base != base.version;
      data().base = base.version;
      data().exceptions = base.exceptions;
      drop_publishes(base.version.generation);
      data().apply.reset();
      if (end == ApplyEnd::unsure) data().apply = ApplyRecord{base.version, {}};
      data().earlier.clear();
    });
  }
  Result<std::vector<BaseException>> base_exceptions() override { return data().exceptions; }

  Result<void> announce_apply(const ApplyRecord& apply) override {
    return change("announce_apply", std::to_string(apply.version.generation), [&] {
      if (!data().apply || data().apply->version != apply.version)
        data().apply = ApplyRecord{apply.version, {}};
      for (const ApplyRecord::Merge& merge : apply.merges)
        data().apply->merges.push_back(merge);
      data().earlier.clear();
    });
  }
  Result<std::optional<ApplyRecord>> announced_apply() override { return data().apply; }

  Result<void> announce_publish(const BaseRecord& base) override {
    return change("announce_publish", std::to_string(base.version.generation), [&] {
      data().publishes.insert(data().publishes.begin(), base);
      data().earlier.clear();
    });
  }
  Result<std::vector<BaseRecord>> announced_publishes() override { return data().publishes; }
  Result<void> forget_publishes(std::uint64_t up_to_generation) override {
    return change("forget_publishes", "", [&] { drop_publishes(up_to_generation); });
  }

  Result<std::optional<Bytes>> cached_index(const VersionId& version) override {
    const auto found = data().indexes.find(version);
    if (found == data().indexes.end()) return std::optional<Bytes>();
    return std::optional<Bytes>(found->second);
  }
  Result<void> cache_index(const VersionId& version, ByteSpan encoded) override {
    return change("cache_index", "", [&] { data().indexes[version] = to_bytes(encoded); });
  }

  Result<std::optional<Bytes>> cached_segment(const Sha256Digest& sha256) override {
    const auto found = data().segments.find(sha256);
    if (found == data().segments.end()) return std::optional<Bytes>();
    return std::optional<Bytes>(found->second);
  }
  Result<std::vector<Sha256Digest>> missing_segments(
      std::span<const Sha256Digest> segments) override {
    std::vector<Sha256Digest> missing;
    for (const Sha256Digest& sha256 : segments) {
      if (!data().segments.contains(sha256)) missing.push_back(sha256);
    }
    return missing;
  }
  Result<void> cache_segments(std::span<const CachedSegment> segments) override {
    return change("cache_segments", "", [&] {
      for (const CachedSegment& segment : segments)
        data().segments[segment.sha256] = segment.encoded;
    });
  }

  Result<std::optional<CachedObject>> cached_object(std::string_view name) override {
    const auto found = data().objects.find(name);
    if (found == data().objects.end()) return std::optional<CachedObject>();
    return std::optional<CachedObject>(found->second);
  }
  Result<void> cache_object(std::string_view name, const CachedObject& object) override {
    return change("cache_object", name, [&] { data().objects[std::string(name)] = object; });
  }
  Result<void> drop_cached_object(std::string_view name) override {
    return change("drop_cached_object", name, [&] { data().objects.erase(std::string(name)); });
  }

  Result<std::vector<Sha256Digest>> uploads(std::int64_t since_unix_ms,
                                            std::uint64_t gc_epoch) override {
    std::vector<Sha256Digest> all;
    for (const auto& [content, when] : data().uploads) {
      if (when.first >= since_unix_ms && when.second == gc_epoch) all.push_back(content);
    }
    return all;
  }
  Result<void> remember_uploads(std::span<const Sha256Digest> contents, std::int64_t now_unix_ms,
                                std::uint64_t gc_epoch) override {
    return change("remember_uploads", "", [&] {
      for (const Sha256Digest& content : contents)
        data().uploads[content] = {now_unix_ms, gc_epoch};
    });
  }
  Result<void> forget_uploads() override {
    return change("forget_uploads", "", [&] { data().uploads.clear(); });
  }

 private:
  SimStateData& data() { return client_.state; }

  void drop_publishes(std::uint64_t up_to_generation) {
    std::erase_if(data().publishes, [&](const BaseRecord& publish) {
      return publish.version.generation <= up_to_generation;
    });
  }

  void put_files(std::span<const FileRecord> records) {
    for (const FileRecord& record : records)
      data().files[record.path] = record;
  }

  template <class Change>
  Result<void> change(const char* what, std::string_view subject, const Change& apply) {
    const Verdict verdict = world_.step(client_, Seam::state, what, subject);
    if (fails_before(verdict)) return world_.error(client_, Seam::state, verdict);
    remember_earlier();
    apply();
    if (fails_after(verdict)) return world_.error(client_, Seam::state, verdict);
    return {};
  }

  void remember_earlier() {
    if (!data().keeps_history) return;
    auto earlier = std::move(data().earlier);
    data().earlier.clear();
    if (earlier.size() >= kMaxEarlier) earlier.erase(earlier.begin());
    earlier.push_back(std::make_shared<const SimStateData>(data()));
    data().earlier = std::move(earlier);
  }

  World& world_;
  SimClient& client_;
};

}  // namespace

std::unique_ptr<State> make_sim_state(World& world, SimClient& client) {
  return std::make_unique<SimState>(world, client);
}

}  // namespace mikura
