#include "local/state_rows.h"

#include <algorithm>

#include "format/path.h"

namespace mikura {
namespace {

// A path of the greatest length, with the name of a conflict copy.
constexpr std::size_t kMaxStoredPathBytes = kMaxPathBytes + kMaxComponentBytes;

Result<void> write_version(Database& database, const char* sql, const BaseVersion& version) {
  TRY_ASSIGN(Statement insert, database.prepare(sql));
  insert.bind_blob(1, version.version.bytes())
      .bind_blob(2, version.index_sha256.bytes())
      .bind(3, to_stored(version.generation));
  return insert.execute();
}

}  // namespace

Error damaged_row(std::string_view table) {
  return Error(Code::corrupt, "the state database is damaged: a row of the table " +
                                  std::string(table) + " makes no sense");
}

Result<WorkspaceLink> read_link(const Statement& row) {
  WorkspaceLink link;
  TRY_ASSIGN(link.repository, id_of<RepositoryId>(row.blob(1), "link"));
  link.store_url = row.text(2);
  link.slot_name = row.text(3);
  link.policy = row.text(4);
  link.use_gitignore = row.integer(5) != 0;
  return link;
}

Result<BaseVersion> read_base(const Statement& row) {
  BaseVersion base;
  TRY_ASSIGN(base.version, id_of<VersionId>(row.blob(1), "base"));
  TRY_ASSIGN(base.index_sha256, id_of<Sha256Digest>(row.blob(2), "base"));
  base.generation = from_stored(row.integer(3));
  return base;
}

Result<FileRecord> read_file_record(const Statement& row) {
  FileRecord record;
  record.path = row.text(0);
  record.stamp.device = from_stored(row.integer(1));
  record.stamp.inode = from_stored(row.integer(2));
  record.stamp.size_bytes = from_stored(row.integer(3));
  record.stamp.mtime_ns = row.integer(4);
  record.stamp.ctime_ns = row.integer(5);
  record.stamp.mode = static_cast<std::uint32_t>(row.integer(6));
  const std::int64_t form = row.integer(8);
  if (record.path.empty() || record.path.size() > kMaxStoredPathBytes) return damaged_row("files");
  if (form != static_cast<int>(ContentForm::whole) && form != static_cast<int>(ContentForm::chunks))
    return damaged_row("files");
  record.form = static_cast<ContentForm>(form);
  TRY_ASSIGN(record.sha256, id_of<Sha256Digest>(row.blob(7), "files"));
  record.content = record.sha256;
  if (!row.is_null(9)) {
    TRY_ASSIGN(record.content, id_of<Sha256Digest>(row.blob(9), "files"));
  }
  record.racy = row.integer(10) != 0;
  return record;
}

Result<ConflictRecord> read_conflict(const Statement& row) {
  ConflictRecord conflict;
  conflict.path = row.text(0);
  conflict.copy_path = row.text(1);
  TRY_ASSIGN(conflict.remote_version, id_of<VersionId>(row.blob(2), "conflicts"));
  const std::int64_t kind = row.integer(3);
  if (kind < static_cast<int>(EntryKind::file) || kind > static_cast<int>(EntryKind::symlink))
    return damaged_row("conflicts");
  conflict.remote_kind = static_cast<EntryKind>(kind);
  TRY_ASSIGN(conflict.remote_sha256, id_of<Sha256Digest>(row.blob(4), "conflicts"));
  conflict.remote_target = row.text(5);
  conflict.since_unix_ms = row.integer(6);
  conflict.copied = row.integer(7) != 0;
  if (!row.is_null(8)) {
    TRY_ASSIGN(conflict.base_version, id_of<VersionId>(row.blob(8), "conflicts"));
  }
  conflict.remote_device = row.text(9);
  conflict.remote_created_ms = row.integer(10);
  return conflict;
}

Result<BaseException> read_base_exception(const Statement& row) {
  constexpr std::string_view kTable = "base_exceptions";
  BaseException exception;
  exception.path = row.text(1);
  if (exception.path.size() > kMaxPathBytes) return damaged_row(kTable);
  if (!row.is_null(2)) {
    TRY_ASSIGN(exception.version, id_of<VersionId>(row.blob(2), kTable));
  }
  const std::int64_t kind = row.integer(3);
  if (kind == 0) return exception;
  const std::int64_t form = row.integer(8);
  if (kind < static_cast<int>(EntryKind::file) || kind > static_cast<int>(EntryKind::symlink) ||
      form < static_cast<int>(ContentForm::none) || form > static_cast<int>(ContentForm::chunks))
    return damaged_row(kTable);
  Entry entry;
  entry.path = exception.path;
  entry.kind = static_cast<EntryKind>(kind);
  entry.mode = static_cast<std::uint16_t>(row.integer(4) & 0777);
  entry.mtime_ns = row.integer(5);
  entry.size_bytes = from_stored(row.integer(6));
  TRY_ASSIGN(entry.sha256, id_of<Sha256Digest>(row.blob(7), kTable));
  entry.form = static_cast<ContentForm>(form);
  TRY_ASSIGN(entry.content, id_of<Sha256Digest>(row.blob(9), kTable));
  entry.target = row.text(10);
  exception.entry = std::move(entry);
  return exception;
}

Result<ApplyRecord::Merge> read_merge(const Statement& row) {
  ApplyRecord::Merge merge;
  merge.path = row.text(0);
  TRY_ASSIGN(merge.sha256, id_of<Sha256Digest>(row.blob(1), "applying_merges"));
  return merge;
}

Result<void> write_link(Database& database, const WorkspaceLink& link) {
  TRY_ASSIGN(Statement insert,
             database.prepare("INSERT OR REPLACE INTO link VALUES (1,?,?,?,?,?)"));
  insert.bind_blob(1, link.repository.bytes())
      .bind(2, std::string_view(link.store_url))
      .bind(3, std::string_view(link.slot_name))
      .bind(4, std::string_view(link.policy))
      .bind(5, std::int64_t{link.use_gitignore});
  return insert.execute();
}

Result<void> write_base(Database& database, const BaseVersion& base) {
  return write_version(database, "INSERT OR REPLACE INTO base VALUES (1,?,?,?)", base);
}

Result<void> write_apply(Database& database, const ApplyRecord& apply) {
  TRY(write_version(database, "INSERT OR REPLACE INTO applying VALUES (1,?,?,?)", apply.version));
  TRY_ASSIGN(Statement insert,
             database.prepare("INSERT OR REPLACE INTO applying_merges VALUES (?,?)"));
  for (const ApplyRecord::Merge& merge : apply.merges) {
    insert.bind(1, std::string_view(merge.path)).bind_blob(2, merge.sha256.bytes());
    TRY(insert.execute());
  }
  return {};
}

Result<void> write_base_exceptions(Database& database, ByteSpan publish,
                                   std::span<const BaseException> exceptions) {
  TRY_ASSIGN(Statement insert, database.prepare("INSERT OR REPLACE INTO base_exceptions VALUES "
                                                "(?,?,?,?,?,?,?,?,?,?,?)"));
  for (const BaseException& exception : exceptions) {
    const Entry nothing;
    const Entry& entry = exception.entry ? *exception.entry : nothing;
    const std::int64_t kind = exception.entry ? static_cast<std::int64_t>(entry.kind) : 0;
    insert.bind_blob(1, publish)
        .bind(2, std::string_view(exception.path))
        .bind(4, kind)
        .bind(5, std::int64_t{entry.mode})
        .bind(6, entry.mtime_ns)
        .bind(7, to_stored(entry.size_bytes))
        .bind_blob(8, entry.sha256.bytes())
        .bind(9, static_cast<std::int64_t>(entry.form))
        .bind_blob(10, entry.content.bytes())
        .bind(11, std::string_view(entry.target));
    if (exception.version)
      insert.bind_blob(3, exception.version->bytes());
    else
      insert.bind_null(3);
    TRY(insert.execute());
  }
  return {};
}

Result<void> write_file_records(Database& database, std::span<const FileRecord> records) {
  TRY_ASSIGN(Statement insert,
             database.prepare("INSERT OR REPLACE INTO files VALUES (?,?,?,?,?,?,?,?,?,?,?)"));
  for (const FileRecord& record : records) {
    insert.bind(1, std::string_view(record.path))
        .bind(2, to_stored(record.stamp.device))
        .bind(3, to_stored(record.stamp.inode))
        .bind(4, to_stored(record.stamp.size_bytes))
        .bind(5, record.stamp.mtime_ns)
        .bind(6, record.stamp.ctime_ns)
        .bind(7, std::int64_t{record.stamp.mode})
        .bind_blob(8, record.sha256.bytes())
        .bind(9, static_cast<std::int64_t>(record.form))
        .bind(11, std::int64_t{record.racy});
    // Nearly all files are one blob, whose name is their hash: not stored twice.
    if (record.content == record.sha256)
      insert.bind_null(10);
    else
      insert.bind_blob(10, record.content.bytes());
    TRY(insert.execute());
  }
  return {};
}

Result<void> write_conflict(Database& database, const ConflictRecord& conflict) {
  TRY_ASSIGN(Statement insert,
             database.prepare("INSERT OR REPLACE INTO conflicts VALUES (?,?,?,?,?,?,?,?,?,?,?)"));
  insert.bind(1, std::string_view(conflict.path))
      .bind(2, std::string_view(conflict.copy_path))
      .bind_blob(3, conflict.remote_version.bytes())
      .bind(4, static_cast<std::int64_t>(conflict.remote_kind))
      .bind_blob(5, conflict.remote_sha256.bytes())
      .bind(6, std::string_view(conflict.remote_target))
      .bind(7, conflict.since_unix_ms)
      .bind(8, std::int64_t{conflict.copied})
      .bind(10, std::string_view(conflict.remote_device))
      .bind(11, conflict.remote_created_ms);
  if (conflict.base_version)
    insert.bind_blob(9, conflict.base_version->bytes());
  else
    insert.bind_null(9);
  return insert.execute();
}

}  // namespace mikura
