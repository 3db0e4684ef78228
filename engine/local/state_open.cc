#include "local/state_open.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/log.h"
#include "local/state_rows.h"

namespace mikura {
namespace {

constexpr std::int64_t kSchema = 4;
constexpr const char* kSetSchema = "PRAGMA user_version = 4";
constexpr unsigned kMaxSetAside = 1000;

// A row of `link` and `base` is the only one. files.content is NULL where it equals sha256.
constexpr const char* kCreate = R"(
CREATE TABLE link (id INTEGER PRIMARY KEY CHECK (id = 1), repository BLOB NOT NULL, store_url TEXT NOT NULL,
  slot_name TEXT NOT NULL, policy TEXT NOT NULL, use_gitignore INTEGER NOT NULL);
CREATE TABLE base (id INTEGER PRIMARY KEY CHECK (id = 1), version BLOB NOT NULL, index_sha256 BLOB NOT NULL,
  generation INTEGER NOT NULL);
CREATE TABLE files (path TEXT PRIMARY KEY, device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, mode INTEGER NOT NULL, sha256 BLOB NOT NULL,
  form INTEGER NOT NULL, content BLOB, racy INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE conflicts (path TEXT PRIMARY KEY, copy_path TEXT NOT NULL, remote_version BLOB NOT NULL,
  remote_kind INTEGER NOT NULL, remote_sha256 BLOB NOT NULL, remote_target TEXT NOT NULL, since_ms INTEGER NOT NULL,
  copied INTEGER NOT NULL, base_version BLOB, remote_device TEXT NOT NULL DEFAULT '',
  remote_created_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE indexes (version BLOB PRIMARY KEY, data BLOB NOT NULL, added INTEGER NOT NULL);
CREATE TABLE objects (name TEXT PRIMARY KEY, data BLOB NOT NULL, etag TEXT NOT NULL);
CREATE TABLE uploads (content BLOB PRIMARY KEY, at_ms INTEGER NOT NULL, gc_epoch INTEGER NOT NULL) WITHOUT ROWID;
)";

// New in schema 2, for new databases and old ones. An exception belongs to the base (publish is
// empty) or to an announced publish; kind 0 stands for "nothing there".
constexpr const char* kCreateBaseTables = R"(
CREATE TABLE publishes (version BLOB PRIMARY KEY, index_sha256 BLOB NOT NULL, generation INTEGER NOT NULL,
  added INTEGER NOT NULL);
CREATE TABLE base_exceptions (publish BLOB NOT NULL, path TEXT NOT NULL, version BLOB, kind INTEGER NOT NULL,
  mode INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, size INTEGER NOT NULL, sha256 BLOB NOT NULL,
  form INTEGER NOT NULL, content BLOB NOT NULL, target TEXT NOT NULL, PRIMARY KEY (publish, path)) WITHOUT ROWID;
)";

// New in schema 3. The size stands before the data, so that it is found without reading those.
constexpr const char* kCreateSegments = R"(
CREATE TABLE segments (sha256 BLOB PRIMARY KEY, size INTEGER NOT NULL, data BLOB NOT NULL);
)";

// New in schema 4. `applying` has one row at most.
constexpr const char* kCreateApplyTables = R"(
CREATE TABLE applying (id INTEGER PRIMARY KEY CHECK (id = 1), version BLOB NOT NULL, index_sha256 BLOB NOT NULL,
  generation INTEGER NOT NULL);
CREATE TABLE applying_merges (path TEXT PRIMARY KEY, sha256 BLOB NOT NULL) WITHOUT ROWID;
)";

constexpr const char* kUpgradeFrom1 = R"(
ALTER TABLE conflicts ADD COLUMN base_version BLOB;
ALTER TABLE conflicts ADD COLUMN remote_device TEXT NOT NULL DEFAULT '';
ALTER TABLE conflicts ADD COLUMN remote_created_ms INTEGER NOT NULL DEFAULT 0;
)";

Result<std::int64_t> number(Database& database, const char* sql) {
  TRY_ASSIGN(Statement select, database.prepare(sql));
  TRY_ASSIGN(const bool row, select.step());
  return row ? select.integer(0) : 0;
}

Error not_ours(const std::string& path, std::string_view why) {
  return Error(Code::corrupt, path + " " + std::string(why));
}

// Code::corrupt unless this is a database of our schema: what the methods will ask for can be asked
// for.
Result<void> check_schema(Database& database, const std::string& path) {
  TRY_ASSIGN(const std::int64_t schema, number(database, "PRAGMA user_version"));
  if (schema != kSchema) return not_ours(path, "was written by a newer program");
  for (const char* sql :
       {"SELECT id, repository, store_url, slot_name, policy, use_gitignore FROM link",
        "SELECT id, version, index_sha256, generation FROM base",
        "SELECT path, device, inode, size, mtime_ns, ctime_ns, mode, sha256, form, content, racy "
        "FROM files",
        "SELECT path, copy_path, remote_version, remote_kind, remote_sha256, remote_target, "
        "since_ms, copied, base_version, remote_device, remote_created_ms FROM conflicts",
        "SELECT version, index_sha256, generation, added FROM publishes",
        "SELECT publish, path, version, kind, mode, mtime_ns, size, sha256, form, content, target "
        "FROM base_exceptions",
        "SELECT id, version, index_sha256, generation FROM applying",
        "SELECT path, sha256 FROM applying_merges", "SELECT version, data, added FROM indexes",
        "SELECT sha256, size, data FROM segments", "SELECT name, data, etag FROM objects",
        "SELECT content, at_ms, gc_epoch FROM uploads"}) {
    const auto prepared = database.prepare(sql);
    if (prepared.failed_with(Code::io)) return not_ours(path, "lacks a table or a column");
    if (!prepared) return prepared.error();
  }
  return {};
}

Result<void> create_schema(Database& database, const std::string& path) {
  TRY_ASSIGN(Transaction transaction, Transaction::begin(database));
  // Another process may have created it while we waited for the lock.
  TRY_ASSIGN(const std::int64_t schema, number(database, "PRAGMA user_version"));
  if (schema != 0) return {};
  TRY_ASSIGN(const std::int64_t tables, number(database, "SELECT count(*) FROM sqlite_master"));
  if (tables != 0) return not_ours(path, "is the database of another program");
  TRY(database.run(kCreate));
  TRY(database.run(kCreateBaseTables));
  TRY(database.run(kCreateSegments));
  TRY(database.run(kCreateApplyTables));
  TRY(database.run(kSetSchema));
  return transaction.commit();
}

Result<void> upgrade_schema(Database& database) {
  TRY_ASSIGN(Transaction transaction, Transaction::begin(database));
  // Another process may have done it while we waited for the lock.
  TRY_ASSIGN(const std::int64_t schema, number(database, "PRAGMA user_version"));
  if (schema < 1 || schema >= kSchema) return {};
  if (schema == 1) {
    TRY(database.run(kUpgradeFrom1));
    TRY(database.run(kCreateBaseTables));
  }
  if (schema < 3) TRY(database.run(kCreateSegments));
  TRY(database.run(kCreateApplyTables));
  TRY(database.run(kSetSchema));
  return transaction.commit();
}

Error needs_writing(const std::string& path, std::string_view why) {
  return Error(Code::denied, path + " " + std::string(why) + ", but the folder cannot be written")
      .with_hint("Make the folder .mikura writable and run the command again.");
}

Result<Database> open_writable(const std::string& path) {
  TRY_ASSIGN(Database database, Database::open(path, Database::Mode::create));
  // The journal is cut back after a large transaction; memory for temporary tables, so that nothing
  // is written outside the folder.
  TRY(database.run(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = "
      "33554432;"
      "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY"));
  TRY_ASSIGN(const std::int64_t schema, number(database, "PRAGMA user_version"));
  if (schema == 0) TRY(create_schema(database, path));
  if (schema >= 1 && schema < kSchema) TRY(upgrade_schema(database));
  TRY(check_schema(database, path));
  return database;
}

Result<Database> open_read_only(const std::string& path) {
  struct stat wal{};
  if (::stat((path + "-wal").c_str(), &wal) == 0 && wal.st_size > 0) {
    return needs_writing(path, "must be completed after an interrupted run");
  }
  TRY_ASSIGN(Database database, Database::open(path, Database::Mode::read_only));
  TRY_ASSIGN(const std::int64_t schema, number(database, "PRAGMA user_version"));
  if (schema >= 1 && schema < kSchema) return needs_writing(path, "must be brought up to date");
  TRY(check_schema(database, path));
  return database;
}

// SQLite refuses symlinks anywhere in the path; those above the workspace are the user's business.
Result<std::string> resolved(const std::string& path) {
  const auto slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::unique_ptr<char, decltype([](char* text) { std::free(text); })> real(
      ::realpath(folder.c_str(), nullptr));
  if (real == nullptr) return system_error(errno, "find the folder", folder);
  return std::string(real.get()) + "/" + path.substr(slash + 1);
}

bool can_write(const std::string& path) {
  if (::access(path.substr(0, path.find_last_of('/')).c_str(), W_OK) != 0) return false;
  return ::access(path.c_str(), W_OK) == 0 || errno == ENOENT;
}

std::optional<WorkspaceLink> salvage_link(const std::string& damaged) {
  // Not read-only: the newest state may be in the journal still.
  auto database = Database::open(damaged, Database::Mode::create);
  if (!database) return std::nullopt;
  auto select = database->prepare("SELECT * FROM link");
  if (!select) return std::nullopt;
  const auto row = select->step();
  if (!row || !*row) return std::nullopt;
  auto link = read_link(*select);
  if (!link) return std::nullopt;
  return *std::move(link);
}

Result<std::string> set_aside(const std::string& path) {
  const std::string base = path + ".damaged-" + std::to_string(std::time(nullptr));
  std::string aside = base;
  struct stat info{};
  for (unsigned n = 2; ::lstat(aside.c_str(), &info) == 0 && n < kMaxSetAside; ++n)
    aside = base + "." + std::to_string(n);
  if (std::rename(path.c_str(), aside.c_str()) != 0 && errno != ENOENT)
    return system_error(errno, "set aside", path);
  // A journal without its database must not be taken for that of the new one.
  for (const char* part : {"-wal", "-shm"}) {
    if (std::rename((path + part).c_str(), (aside + part).c_str()) != 0 && errno != ENOENT)
      return system_error(errno, "set aside", path + part);
  }
  return aside;
}

}  // namespace

Result<Database> begin_anew(const std::string& path) {
  TRY_ASSIGN(const std::string aside, set_aside(path));
  log_info("the state database could not be used and was set aside as " + aside);
  TRY_ASSIGN(Database database, open_writable(path));
  if (const auto link = salvage_link(aside)) TRY(write_link(database, *link));
  return database;
}

Result<Database> open_state_file(const std::string& path) {
  TRY_ASSIGN(const std::string real, resolved(path));
  if (!can_write(real)) return open_read_only(real);
  auto database = open_writable(real);
  if (!database.failed_with(Code::corrupt)) return database;
  return begin_anew(real);
}

Result<Database> open_state_in_memory() {
  return open_writable(std::string(kInMemory));
}

}  // namespace mikura
