// A thin, checked layer over SQLite: database, prepared statement, transaction. Internal to local/,
// the only includer of sqlite3.
//
// Errors are Results: Code::full, Code::busy, Code::corrupt (damaged file), Code::io. One thread at
// a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mikura {

class Statement;

class Database {
 public:
  enum class Mode { create, read_only };
  // ":memory:" for a private one in memory.
  static Result<Database> open(const std::string& path, Mode mode);

  Result<void> run(const char* sql);
  Result<Statement> prepare(const char* sql);
  // Rows that the last statement changed.
  std::int64_t changes() const { return sqlite3_changes64(handle_.get()); }
  Error error(int code, std::string_view doing) const;
  sqlite3* handle() const { return handle_.get(); }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  using Handle = std::unique_ptr<sqlite3, Close>;
  Database(Handle handle, std::string path) : handle_(std::move(handle)), path_(std::move(path)) {}

  Handle handle_;
  std::string path_;
};

class Statement {
 public:
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view text);
  Statement& bind_null(int index);
  // Borrowed until the next step.
  Statement& bind_blob(int index, ByteSpan bytes);

  // True if there is a row.
  Result<bool> step();
  // Makes the statement ready for new values.
  void reset() { sqlite3_reset(handle_.get()); }
  // Runs to the end and makes the statement ready for new values.
  Result<void> execute();

  bool is_null(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
  }
  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  // Borrowed until the next step.
  std::string_view text(int column) const;
  ByteSpan blob(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Handle = std::unique_ptr<sqlite3_stmt, Finalize>;
  Statement(const Database& database, Handle handle)
      : database_(&database), handle_(std::move(handle)) {}

  const Database* database_;
  Handle handle_;
};

// BEGIN IMMEDIATE; rolled back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(other.database_) {
    other.database_ = nullptr;
  }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace mikura
