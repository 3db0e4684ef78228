// Between rows of the state database and values. Internal to local/.
//
// The file is ours but a disk may damage it, so nothing in it is believed: a value of the wrong
// size or out of range is Code::corrupt.
#pragma once

#include <span>

#include "base/result.h"
#include "local/sqlite.h"
#include "local/state.h"

namespace mikura {

Error damaged_row(std::string_view table);

template <class IdType>
Result<IdType> id_of(ByteSpan bytes, std::string_view table) {
  IdType id;
  if (bytes.size() != IdType::kSize) return damaged_row(table);
  std::copy(bytes.begin(), bytes.end(), id.mutable_bytes().begin());
  return id;
}

// SQLite's integers are signed; ours keep their bits.
inline std::int64_t to_stored(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}
inline std::uint64_t from_stored(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

// The columns in the order of the tables (state_open.cc).
Result<WorkspaceLink> read_link(const Statement& row);
Result<BaseVersion> read_base(const Statement& row);
Result<FileRecord> read_file_record(const Statement& row);
Result<ConflictRecord> read_conflict(const Statement& row);
Result<BaseException> read_base_exception(const Statement& row);
Result<ApplyRecord::Merge> read_merge(const Statement& row);

Result<void> write_link(Database& database, const WorkspaceLink& link);
Result<void> write_base(Database& database, const BaseVersion& base);
Result<void> write_apply(Database& database, const ApplyRecord& apply);
// Of the base (an empty `publish`) or of an announced publish.
Result<void> write_base_exceptions(Database& database, ByteSpan publish,
                                   std::span<const BaseException> exceptions);
Result<void> write_file_records(Database& database, std::span<const FileRecord> records);
Result<void> write_conflict(Database& database, const ConflictRecord& conflict);

}  // namespace mikura
