#include "local/state_db.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "local/sqlite.h"

namespace mikura {
namespace {

constexpr std::int64_t kSchema = 1;
constexpr int kKeptIndexes = 64;

constexpr const char* kCreate = R"(
CREATE TABLE link (id INTEGER PRIMARY KEY CHECK (id = 1), repository BLOB NOT NULL, store_url TEXT NOT NULL,
  slot_name TEXT NOT NULL, policy TEXT NOT NULL, use_gitignore INTEGER NOT NULL);
CREATE TABLE base (id INTEGER PRIMARY KEY CHECK (id = 1), version BLOB NOT NULL, index_sha256 BLOB NOT NULL, generation INTEGER NOT NULL);
CREATE TABLE files (path TEXT PRIMARY KEY, device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL, mode INTEGER NOT NULL, sha256 BLOB NOT NULL, form INTEGER NOT NULL, content BLOB NOT NULL, racy INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE conflicts (path TEXT PRIMARY KEY, copy_path TEXT NOT NULL, remote_version BLOB NOT NULL, remote_kind INTEGER NOT NULL,
  remote_sha256 BLOB NOT NULL, remote_target TEXT NOT NULL, since_ms INTEGER NOT NULL, copied INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE indexes (version BLOB PRIMARY KEY, data BLOB NOT NULL, added INTEGER NOT NULL);
CREATE TABLE objects (name TEXT PRIMARY KEY, data BLOB NOT NULL, etag TEXT NOT NULL);
CREATE TABLE uploads (content BLOB PRIMARY KEY, at_ms INTEGER NOT NULL, gc_epoch INTEGER NOT NULL) WITHOUT ROWID;
)";

template <class IdType>
IdType id_from(ByteSpan bytes) {
  IdType id;
  if (bytes.size() == IdType::kSize) std::copy(bytes.begin(), bytes.end(), id.mutable_bytes().begin());
  return id;
}

std::int64_t as_signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

FileRecord read_file_record(const Statement& row) {
  FileRecord record;
  record.path = row.text(0);
  record.stamp.device = static_cast<std::uint64_t>(row.integer(1));
  record.stamp.inode = static_cast<std::uint64_t>(row.integer(2));
  record.stamp.size_bytes = static_cast<std::uint64_t>(row.integer(3));
  record.stamp.mtime_ns = row.integer(4);
  record.stamp.ctime_ns = row.integer(5);
  record.stamp.mode = static_cast<std::uint32_t>(row.integer(6));
  record.sha256 = id_from<Sha256Digest>(row.blob(7));
  record.form = row.integer(8) == static_cast<int>(ContentForm::chunks) ? ContentForm::chunks : ContentForm::whole;
  record.content = id_from<Sha256Digest>(row.blob(9));
  record.racy = row.integer(10) != 0;
  return record;
}

Result<void> write_file_records(Database& database, std::span<const FileRecord> records) {
  TRY_ASSIGN(Statement insert, database.prepare("INSERT OR REPLACE INTO files VALUES (?,?,?,?,?,?,?,?,?,?,?)"));
  for (const FileRecord& record : records) {
    insert.bind(1, std::string_view(record.path))
        .bind(2, as_signed(record.stamp.device))
        .bind(3, as_signed(record.stamp.inode))
        .bind(4, as_signed(record.stamp.size_bytes))
        .bind(5, record.stamp.mtime_ns)
        .bind(6, record.stamp.ctime_ns)
        .bind(7, std::int64_t{record.stamp.mode})
        .bind_blob(8, record.sha256.bytes())
        .bind(9, static_cast<std::int64_t>(record.form))
        .bind_blob(10, record.content.bytes())
        .bind(11, std::int64_t{record.racy});
    TRY(insert.execute());
  }
  return {};
}

ConflictRecord read_conflict(const Statement& row) {
  ConflictRecord conflict;
  conflict.path = row.text(0);
  conflict.copy_path = row.text(1);
  conflict.remote_version = id_from<VersionId>(row.blob(2));
  switch (row.integer(3)) {
    case static_cast<int>(EntryKind::directory): conflict.remote_kind = EntryKind::directory; break;
    case static_cast<int>(EntryKind::symlink): conflict.remote_kind = EntryKind::symlink; break;
    default: conflict.remote_kind = EntryKind::file; break;
  }
  conflict.remote_sha256 = id_from<Sha256Digest>(row.blob(4));
  conflict.remote_target = row.text(5);
  conflict.since_unix_ms = row.integer(6);
  conflict.copied = row.integer(7) != 0;
  return conflict;
}

class StateDb final : public State {
 public:
  explicit StateDb(Database database) : database_(std::move(database)) {}

  Result<std::optional<WorkspaceLink>> link() override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Statement select, database_.prepare("SELECT repository, store_url, slot_name, policy, use_gitignore FROM link"));
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return std::optional<WorkspaceLink>();
    WorkspaceLink link;
    link.repository = id_from<RepositoryId>(select.blob(0));
    link.store_url = select.text(1);
    link.slot_name = select.text(2);
    link.policy = select.text(3);
    link.use_gitignore = select.integer(4) != 0;
    return std::optional<WorkspaceLink>(std::move(link));
  }

  Result<void> set_link(const WorkspaceLink& link) override {
    TRY_ASSIGN(const auto before, this->link());
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Transaction transaction, Transaction::begin(database_));
    if (before && before->repository != link.repository) {
      TRY(database_.run("DELETE FROM base; DELETE FROM conflicts; DELETE FROM indexes; DELETE FROM objects; DELETE FROM uploads"));
    }
    TRY_ASSIGN(Statement insert, database_.prepare("INSERT OR REPLACE INTO link VALUES (1,?,?,?,?,?)"));
    insert.bind_blob(1, link.repository.bytes())
        .bind(2, std::string_view(link.store_url))
        .bind(3, std::string_view(link.slot_name))
        .bind(4, std::string_view(link.policy))
        .bind(5, std::int64_t{link.use_gitignore});
    TRY(insert.execute());
    return transaction.commit();
  }

  Result<std::optional<BaseVersion>> base() override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Statement select, database_.prepare("SELECT version, index_sha256, generation FROM base"));
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return std::optional<BaseVersion>();
    return std::optional<BaseVersion>(BaseVersion{id_from<VersionId>(select.blob(0)), id_from<Sha256Digest>(select.blob(1)),
                                                  static_cast<std::uint64_t>(select.integer(2))});
  }

  Result<std::vector<FileRecord>> file_records() override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Statement select, database_.prepare("SELECT * FROM files ORDER BY path"));
    std::vector<FileRecord> records;
    for (;;) {
      TRY_ASSIGN(const bool row, select.step());
      if (!row) return records;
      records.push_back(read_file_record(select));
    }
  }

  Result<std::vector<ConflictRecord>> conflicts() override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Statement select, database_.prepare("SELECT * FROM conflicts ORDER BY path"));
    std::vector<ConflictRecord> conflicts;
    for (;;) {
      TRY_ASSIGN(const bool row, select.step());
      if (!row) return conflicts;
      conflicts.push_back(read_conflict(select));
    }
  }

  Result<void> remember_files(std::span<const FileRecord> records) override {
    if (records.empty()) return {};
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Transaction transaction, Transaction::begin(database_));
    TRY(write_file_records(database_, records));
    return transaction.commit();
  }

  Result<void> forget_files_except(std::span<const std::string_view> keep) override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Transaction transaction, Transaction::begin(database_));
    TRY(database_.run("CREATE TEMP TABLE keep (path TEXT PRIMARY KEY) WITHOUT ROWID"));
    {
      TRY_ASSIGN(Statement insert, database_.prepare("INSERT INTO keep VALUES (?)"));
      for (const std::string_view path : keep) {
        insert.bind(1, path);
        TRY(insert.execute());
      }
    }
    TRY(database_.run("DELETE FROM files WHERE path NOT IN (SELECT path FROM keep); DROP TABLE keep"));
    return transaction.commit();
  }

  Result<void> put_conflict(const ConflictRecord& conflict) override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Transaction transaction, Transaction::begin(database_));
    TRY_ASSIGN(Statement insert, database_.prepare("INSERT OR REPLACE INTO conflicts VALUES (?,?,?,?,?,?,?,?)"));
    insert.bind(1, std::string_view(conflict.path))
        .bind(2, std::string_view(conflict.copy_path))
        .bind_blob(3, conflict.remote_version.bytes())
        .bind(4, static_cast<std::int64_t>(conflict.remote_kind))
        .bind_blob(5, conflict.remote_sha256.bytes())
        .bind(6, std::string_view(conflict.remote_target))
        .bind(7, conflict.since_unix_ms)
        .bind(8, std::int64_t{conflict.copied});
    TRY(insert.execute());
    return transaction.commit();
  }

  Result<void> remove_conflict(std::string_view path) override { return remove("DELETE FROM conflicts WHERE path = ?", path); }

  Result<void> commit_base(const BaseVersion& base, std::span<const FileRecord> records) override {
    const std::lock_guard lock(mutex_);
    // The one step that says "the tree has been made equal to this version": it must survive a power cut once it is reported.
    TRY(database_.run("PRAGMA synchronous = FULL"));
    auto committed = write_base(base, records);
    TRY(database_.run("PRAGMA synchronous = NORMAL"));
    return committed;
  }

  Result<std::optional<Bytes>> cached_index(const VersionId& version) override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Statement select, database_.prepare("SELECT data FROM indexes WHERE version = ?"));
    select.bind_blob(1, version.bytes());
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return std::optional<Bytes>();
    return std::optional<Bytes>(to_bytes(select.blob(0)));
  }

  Result<void> cache_index(const VersionId& version, ByteSpan encoded) override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Transaction transaction, Transaction::begin(database_));
    TRY_ASSIGN(Statement insert, database_.prepare(
        "INSERT OR REPLACE INTO indexes VALUES (?1, ?2, (SELECT coalesce(max(added), 0) + 1 FROM indexes))"));
    insert.bind_blob(1, version.bytes()).bind_blob(2, encoded);
    TRY(insert.execute());
    TRY_ASSIGN(Statement trim, database_.prepare(
        "DELETE FROM indexes WHERE added <= (SELECT max(added) FROM indexes) - ? AND version NOT IN (SELECT version FROM base)"));
    trim.bind(1, std::int64_t{kKeptIndexes});
    TRY(trim.execute());
    return transaction.commit();
  }

  Result<std::optional<CachedObject>> cached_object(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Statement select, database_.prepare("SELECT data, etag FROM objects WHERE name = ?"));
    select.bind(1, name);
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return std::optional<CachedObject>();
    return std::optional<CachedObject>(CachedObject{to_bytes(select.blob(0)), std::string(select.text(1))});
  }

  Result<void> cache_object(std::string_view name, const CachedObject& object) override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Statement insert, database_.prepare("INSERT OR REPLACE INTO objects VALUES (?,?,?)"));
    insert.bind(1, name).bind_blob(2, object.data).bind(3, std::string_view(object.etag));
    return insert.execute();
  }

  Result<void> drop_cached_object(std::string_view name) override { return remove("DELETE FROM objects WHERE name = ?", name); }

  Result<std::vector<Sha256Digest>> uploads(std::int64_t since_unix_ms, std::uint64_t gc_epoch) override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Statement select, database_.prepare("SELECT content FROM uploads WHERE at_ms >= ? AND gc_epoch = ?"));
    select.bind(1, since_unix_ms).bind(2, as_signed(gc_epoch));
    std::vector<Sha256Digest> contents;
    for (;;) {
      TRY_ASSIGN(const bool row, select.step());
      if (!row) return contents;
      contents.push_back(id_from<Sha256Digest>(select.blob(0)));
    }
  }

  Result<void> remember_uploads(std::span<const Sha256Digest> contents, std::int64_t now_unix_ms, std::uint64_t gc_epoch) override {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Transaction transaction, Transaction::begin(database_));
    TRY_ASSIGN(Statement insert, database_.prepare("INSERT OR REPLACE INTO uploads VALUES (?,?,?)"));
    for (const Sha256Digest& content : contents) {
      insert.bind_blob(1, content.bytes()).bind(2, now_unix_ms).bind(3, as_signed(gc_epoch));
      TRY(insert.execute());
    }
    return transaction.commit();
  }

  Result<void> forget_uploads() override {
    const std::lock_guard lock(mutex_);
    return database_.run("DELETE FROM uploads");
  }

 private:
  Result<void> remove(const char* sql, std::string_view key) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(Statement statement, database_.prepare(sql));
    statement.bind(1, key);
    return statement.execute();
  }

  Result<void> write_base(const BaseVersion& base, std::span<const FileRecord> records) {
    TRY_ASSIGN(Transaction transaction, Transaction::begin(database_));
    TRY(write_file_records(database_, records));
    TRY_ASSIGN(Statement insert, database_.prepare("INSERT OR REPLACE INTO base VALUES (1,?,?,?)"));
    insert.bind_blob(1, base.version.bytes()).bind_blob(2, base.index_sha256.bytes()).bind(3, as_signed(base.generation));
    TRY(insert.execute());
    return transaction.commit();
  }

  std::mutex mutex_;
  Database database_;
};

Result<std::int64_t> schema_of(Database& database) {
  TRY_ASSIGN(Statement select, database.prepare("PRAGMA user_version"));
  TRY_ASSIGN(const bool row, select.step());
  return row ? select.integer(0) : 0;
}

Result<Database> open_database(const std::string& path) {
  TRY_ASSIGN(Database database, Database::open(path));
  TRY(database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY"));
  TRY_ASSIGN(const std::int64_t schema, schema_of(database));
  if (schema == kSchema) return database;
  if (schema != 0) return Error(Code::corrupt, path + " was written by a newer program");
  TRY_ASSIGN(Transaction transaction, Transaction::begin(database));
  // Another process may have created it while we waited for the lock.
  TRY_ASSIGN(const std::int64_t now, schema_of(database));
  if (now == 0) {
    TRY(database.run(kCreate));
    TRY(database.run("PRAGMA user_version = 1"));
  }
  TRY(transaction.commit());
  return database;
}

// Kept for whoever wants to look into it; it holds nothing that cannot be rebuilt.
void set_aside(const std::string& path) {
  const std::string suffix = ".damaged-" + std::to_string(std::time(nullptr));
  for (const char* part : {"", "-wal", "-shm"}) std::rename((path + part).c_str(), (path + suffix + part).c_str());
  log_info("the state database could not be used and was set aside as " + path + suffix);
}

}  // namespace

Result<std::unique_ptr<State>> open_state_db(const std::string& path) {
  auto database = open_database(path);
  if (database.failed_with(Code::corrupt)) {
    set_aside(path);
    database = open_database(path);
  }
  if (!database) return std::move(database).error();
  return std::unique_ptr<State>(std::make_unique<StateDb>(*std::move(database)));
}

Result<std::unique_ptr<State>> open_memory_state() {
  TRY_ASSIGN(Database database, open_database(":memory:"));
  return std::unique_ptr<State>(std::make_unique<StateDb>(std::move(database)));
}

}  // namespace mikura
