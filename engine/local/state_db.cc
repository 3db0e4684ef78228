#include "local/state_db.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "local/segment_cache.h"
#include "local/sqlite.h"
#include "local/state_open.h"
#include "local/state_rows.h"

namespace mikura {
namespace {

constexpr std::int64_t kKeptIndexes = 64;
constexpr std::int64_t kKeptIndexBytes = 512LL << 20;
// An index beyond this is not kept: it is fetched when it is wanted.
constexpr std::size_t kMaxKeptIndexBytes = 512ULL << 20;
constexpr std::int64_t kKeptPublishes = 32;

class StateDb final : public State {
 public:
  explicit StateDb(Database database) : database_(std::move(database)) {}

  Result<std::optional<WorkspaceLink>> link() override {
    return locked([&] { return first<WorkspaceLink>("SELECT * FROM link", read_link); });
  }

  Result<void> set_link(const WorkspaceLink& link) override {
    return transaction([&]() -> Result<void> {
      TRY_ASSIGN(const auto before, first<WorkspaceLink>("SELECT * FROM link", read_link));
      if (before && before->repository != link.repository) {
        TRY(database_.run(
            "DELETE FROM base; DELETE FROM files; DELETE FROM conflicts; DELETE FROM "
            "indexes; DELETE FROM segments; DELETE FROM objects; DELETE FROM uploads; DELETE FROM "
            "publishes; DELETE FROM base_exceptions; DELETE FROM applying; DELETE FROM "
            "applying_merges"));
      }
      return write_link(database_, link);
    });
  }

  Result<std::optional<BaseVersion>> base() override {
    return locked([&] { return first<BaseVersion>("SELECT * FROM base", read_base); });
  }

  Result<std::vector<FileRecord>> file_records() override {
    return locked(
        [&] { return all<FileRecord>("SELECT * FROM files ORDER BY path", read_file_record); });
  }

  Result<std::vector<ConflictRecord>> conflicts() override {
    return locked([&] {
      return all<ConflictRecord>("SELECT * FROM conflicts ORDER BY path", read_conflict);
    });
  }

  Result<void> remember_files(std::span<const FileRecord> records) override {
    if (records.empty()) return {};
    return transaction([&] { return write_file_records(database_, records); });
  }

  Result<void> forget_files_except(std::span<const std::string_view> keep) override {
    return transaction([&]() -> Result<void> {
      TRY_ASSIGN(const std::vector<std::string> gone, paths_except(keep));
      TRY_ASSIGN(Statement remove, database_.prepare("DELETE FROM files WHERE path = ?"));
      for (const std::string& path : gone) {
        remove.bind(1, std::string_view(path));
        TRY(remove.execute());
      }
      return {};
    });
  }

  Result<void> put_conflict(const ConflictRecord& conflict) override {
    return transaction([&] { return write_conflict(database_, conflict); });
  }

  Result<void> remove_conflict(std::string_view path) override {
    return remove_by_name("DELETE FROM conflicts WHERE path = ?", path);
  }

  Result<std::vector<BaseException>> base_exceptions() override {
    return locked([&] { return exceptions_of({}); });
  }

  Result<void> announce_apply(const ApplyRecord& apply) override {
    return durable_transaction([&]() -> Result<void> {
      TRY_ASSIGN(const auto before, first<BaseVersion>("SELECT * FROM applying", read_base));
      if (before != apply.version) TRY(forget_apply());
      return write_apply(database_, apply);
    });
  }

  Result<std::optional<ApplyRecord>> announced_apply() override {
    return locked([&]() -> Result<std::optional<ApplyRecord>> {
      TRY_ASSIGN(const auto version, first<BaseVersion>("SELECT * FROM applying", read_base));
      if (!version) return std::optional<ApplyRecord>();
      TRY_ASSIGN(auto merges, all<ApplyRecord::Merge>("SELECT * FROM applying_merges ORDER BY path",
                                                      read_merge));
      return std::optional(ApplyRecord{*version, std::move(merges)});
    });
  }

  Result<void> announce_publish(const BaseRecord& base) override {
    return durable_transaction([&]() -> Result<void> {
      TRY_ASSIGN(Statement insert,
                 database_.prepare("INSERT OR REPLACE INTO publishes VALUES (?,?,?,(SELECT "
                                   "coalesce(max(added), 0) + 1 FROM publishes))"));
      insert.bind_blob(1, base.version.version.bytes())
          .bind_blob(2, base.version.index_sha256.bytes())
          .bind(3, to_stored(base.version.generation));
      TRY(insert.execute());
      TRY(write_base_exceptions(database_, base.version.version.bytes(), base.exceptions));
      TRY_ASSIGN(Statement trim,
                 database_.prepare("DELETE FROM publishes WHERE version NOT IN (SELECT version "
                                   "FROM publishes ORDER BY added DESC LIMIT ?)"));
      trim.bind(1, kKeptPublishes);
      TRY(trim.execute());
      return drop_orphaned_exceptions();
    });
  }

  Result<std::vector<BaseRecord>> announced_publishes() override {
    return locked([&]() -> Result<std::vector<BaseRecord>> {
      TRY_ASSIGN(auto versions,
                 all<BaseVersion>("SELECT added, version, index_sha256, generation FROM publishes "
                                  "ORDER BY generation DESC, added DESC",
                                  read_base));
      std::vector<BaseRecord> publishes;
      for (const BaseVersion& version : versions) {
        TRY_ASSIGN(auto exceptions, exceptions_of(version.version.bytes()));
        publishes.push_back({version, std::move(exceptions)});
      }
      return publishes;
    });
  }

  Result<void> forget_publishes(std::uint64_t up_to_generation) override {
    return transaction([&] { return drop_publishes(up_to_generation); });
  }

  Result<void> commit_base(const BaseRecord& base, std::span<const FileRecord> records,
                           ApplyEnd end) override {
    return durable_transaction([&]() -> Result<void> {
      TRY(write_file_records(database_, records));
      TRY(write_base(database_, base.version));
      TRY(database_.run("DELETE FROM base_exceptions WHERE publish = x''"));
      TRY(write_base_exceptions(database_, {}, base.exceptions));
      TRY(forget_apply());
      if (end == ApplyEnd::unsure) TRY(write_apply(database_, {base.version, {}}));
      return drop_publishes(base.version.generation);
    });
  }

  Result<std::optional<Bytes>> cached_index(const VersionId& version) override {
    return locked([&]() -> Result<std::optional<Bytes>> {
      TRY_ASSIGN(Statement select, database_.prepare("SELECT data FROM indexes WHERE version = ?"));
      select.bind_blob(1, version.bytes());
      TRY_ASSIGN(const bool row, select.step());
      if (!row) return std::optional<Bytes>();
      return std::optional<Bytes>(to_bytes(select.blob(0)));
    });
  }

  Result<void> cache_index(const VersionId& version, ByteSpan encoded) override {
    if (encoded.size() > kMaxKeptIndexBytes) return {};
    return transaction([&]() -> Result<void> {
      TRY_ASSIGN(Statement insert,
                 database_.prepare("INSERT OR REPLACE INTO indexes VALUES (?1, ?2, (SELECT "
                                   "coalesce(max(added), 0) + 1 FROM indexes))"));
      insert.bind_blob(1, version.bytes()).bind_blob(2, encoded);
      TRY(insert.execute());
      return trim_indexes();
    });
  }

  Result<std::optional<Bytes>> cached_segment(const Sha256Digest& sha256) override {
    return locked([&] { return read_cached_segment(database_, sha256); });
  }

  Result<std::vector<Sha256Digest>> missing_segments(
      std::span<const Sha256Digest> segments) override {
    return locked([&] { return find_missing_segments(database_, segments); });
  }

  Result<void> cache_segments(std::span<const CachedSegment> segments) override {
    if (segments.empty()) return {};
    return transaction([&] { return write_cached_segments(database_, segments); });
  }

  Result<std::optional<CachedObject>> cached_object(std::string_view name) override {
    return locked([&]() -> Result<std::optional<CachedObject>> {
      TRY_ASSIGN(Statement select,
                 database_.prepare("SELECT data, etag FROM objects WHERE name = ?"));
      select.bind(1, name);
      TRY_ASSIGN(const bool row, select.step());
      if (!row) return std::optional<CachedObject>();
      return std::optional<CachedObject>(
          CachedObject{to_bytes(select.blob(0)), std::string(select.text(1))});
    });
  }

  Result<void> cache_object(std::string_view name, const CachedObject& object) override {
    return transaction([&]() -> Result<void> {
      TRY_ASSIGN(Statement insert,
                 database_.prepare("INSERT OR REPLACE INTO objects VALUES (?,?,?)"));
      insert.bind(1, name).bind_blob(2, object.data).bind(3, std::string_view(object.etag));
      return insert.execute();
    });
  }

  Result<void> drop_cached_object(std::string_view name) override {
    return remove_by_name("DELETE FROM objects WHERE name = ?", name);
  }

  Result<std::vector<Sha256Digest>> uploads(std::int64_t since_unix_ms,
                                            std::uint64_t gc_epoch) override {
    return locked([&]() -> Result<std::vector<Sha256Digest>> {
      TRY_ASSIGN(
          Statement select,
          database_.prepare("SELECT content FROM uploads WHERE at_ms >= ? AND gc_epoch = ?"));
      select.bind(1, since_unix_ms).bind(2, to_stored(gc_epoch));
      return collect<Sha256Digest>(
          select, [](const Statement& row) { return id_of<Sha256Digest>(row.blob(0), "uploads"); });
    });
  }

  Result<void> remember_uploads(std::span<const Sha256Digest> contents, std::int64_t now_unix_ms,
                                std::uint64_t gc_epoch) override {
    if (contents.empty()) return {};
    return transaction([&]() -> Result<void> {
      TRY_ASSIGN(Statement insert,
                 database_.prepare("INSERT OR REPLACE INTO uploads VALUES (?,?,?)"));
      for (const Sha256Digest& content : contents) {
        insert.bind_blob(1, content.bytes()).bind(2, now_unix_ms).bind(3, to_stored(gc_epoch));
        TRY(insert.execute());
      }
      return {};
    });
  }

  Result<void> forget_uploads() override {
    return transaction([&] { return database_.run("DELETE FROM uploads"); });
  }

 private:
  // Runs `action` under the lock. Damage that comes to light here would come to light again in
  // every later run: the file is set aside now.
  template <class Action>
  auto locked(Action&& action) -> decltype(action()) {
    const std::lock_guard lock(mutex_);
    auto result = action();
    if (!result.failed_with(Code::corrupt) || database_.path() == kInMemory) return result;
    auto fresh = begin_anew(database_.path());
    if (!fresh) return result;
    database_ = *std::move(fresh);
    return std::move(result).error().with_hint(
        "A new one was begun; nothing of yours is lost. Run the command again.");
  }

  template <class Action>
  Result<void> in_transaction(Action&& action) {
    TRY_ASSIGN(Transaction transaction, Transaction::begin(database_));
    TRY(action());
    return transaction.commit();
  }

  template <class Action>
  Result<void> transaction(Action&& action) {
    return locked([&] { return in_transaction(action); });
  }

  // For what other files depend on, in the tree or in the store: it must survive a power cut once
  // it is reported.
  template <class Action>
  Result<void> durable_transaction(Action&& action) {
    return locked([&]() -> Result<void> {
      TRY(database_.run("PRAGMA synchronous = FULL"));
      auto committed = in_transaction(action);
      const auto back = database_.run("PRAGMA synchronous = NORMAL");
      if (!committed) return committed;
      return back;
    });
  }

  Result<void> forget_apply() {
    return database_.run("DELETE FROM applying; DELETE FROM applying_merges");
  }

  template <class T, class Read>
  static Result<std::vector<T>> collect(Statement& select, Read&& read) {
    std::vector<T> values;
    for (;;) {
      TRY_ASSIGN(const bool row, select.step());
      if (!row) return values;
      TRY_ASSIGN(T value, read(select));
      values.push_back(std::move(value));
    }
  }

  template <class T, class Read>
  Result<std::vector<T>> all(const char* sql, Read&& read) {
    TRY_ASSIGN(Statement select, database_.prepare(sql));
    return collect<T>(select, read);
  }

  template <class T, class Read>
  Result<std::optional<T>> first(const char* sql, Read&& read) {
    TRY_ASSIGN(Statement select, database_.prepare(sql));
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return std::optional<T>();
    TRY_ASSIGN(T value, read(select));
    return std::optional<T>(std::move(value));
  }

  Result<std::vector<BaseException>> exceptions_of(ByteSpan publish) {
    TRY_ASSIGN(Statement select, database_.prepare("SELECT * FROM base_exceptions WHERE publish = "
                                                   "? ORDER BY path"));
    select.bind_blob(1, publish);
    return collect<BaseException>(select, read_base_exception);
  }

  Result<void> drop_publishes(std::uint64_t up_to_generation) {
    TRY_ASSIGN(Statement remove, database_.prepare("DELETE FROM publishes WHERE generation <= ?"));
    remove.bind(1, to_stored(up_to_generation));
    TRY(remove.execute());
    return drop_orphaned_exceptions();
  }

  Result<void> drop_orphaned_exceptions() {
    return database_.run(
        "DELETE FROM base_exceptions WHERE publish <> x'' AND publish NOT IN (SELECT version FROM "
        "publishes)");
  }

  // Both lists ascend: one pass.
  Result<std::vector<std::string>> paths_except(std::span<const std::string_view> keep) {
    TRY_ASSIGN(Statement select, database_.prepare("SELECT path FROM files ORDER BY path"));
    std::vector<std::string> others;
    auto kept = keep.begin();
    for (;;) {
      TRY_ASSIGN(const bool row, select.step());
      if (!row) return others;
      const std::string_view path = select.text(0);
      while (kept != keep.end() && *kept < path)
        ++kept;
      if (kept == keep.end() || *kept != path) others.emplace_back(path);
    }
  }

  Result<void> trim_indexes() {
    TRY_ASSIGN(
        Statement trim,
        database_.prepare("DELETE FROM indexes WHERE version NOT IN (SELECT version FROM "
                          "base UNION SELECT version FROM publishes UNION SELECT version FROM "
                          "applying) AND version IN (SELECT version FROM "
                          "(SELECT version, row_number() OVER newest AS place, "
                          "sum(length(data)) OVER newest AS bytes FROM indexes "
                          "WINDOW newest AS (ORDER BY added DESC)) WHERE place > ?1 OR "
                          "(place > 1 AND bytes > ?2))"));
    trim.bind(1, kKeptIndexes).bind(2, kKeptIndexBytes);
    TRY(trim.execute());
    if (database_.changes() == 0) return {};
    return prune_cached_segments(database_);
  }

  Result<void> remove_by_name(const char* sql, std::string_view name) {
    return transaction([&]() -> Result<void> {
      TRY_ASSIGN(Statement statement, database_.prepare(sql));
      statement.bind(1, name);
      return statement.execute();
    });
  }

  std::mutex mutex_;
  Database database_;
};

}  // namespace

Result<std::unique_ptr<State>> open_state_db(const std::string& path) {
  TRY_ASSIGN(Database database, open_state_file(path));
  return std::unique_ptr<State>(std::make_unique<StateDb>(std::move(database)));
}

Result<std::unique_ptr<State>> open_memory_state() {
  TRY_ASSIGN(Database database, open_state_in_memory());
  return std::unique_ptr<State>(std::make_unique<StateDb>(std::move(database)));
}

}  // namespace mikura
