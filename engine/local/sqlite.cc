#include "local/sqlite.h"

namespace mikura {
namespace {

constexpr int kBusyTimeoutMs = 10'000;
// No value of ours is larger; a damaged file may claim anything.
constexpr int kMaxValueBytes = 640 << 20;

Code code_for(int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Code::busy;
    case SQLITE_FULL:
      return Code::full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::corrupt;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Code::denied;
    default:
      return Code::io;
  }
}

// "file:<path>?immutable=1": no lock, no journal, nothing written beside it.
std::string immutable_uri(const std::string& path) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    if (plain) {
      uri.push_back(c);
      continue;
    }
    const unsigned byte = static_cast<unsigned char>(c);
    uri.append("%").push_back(kDigits[byte >> 4]);
    uri.push_back(kDigits[byte & 15]);
  }
  return uri + "?immutable=1";
}

}  // namespace

Result<Database> Database::open(const std::string& path, Mode mode) {
  constexpr int kCommon = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  const int flags = kCommon | (mode == Mode::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                                    : SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2((mode == Mode::create ? path : immutable_uri(path)).c_str(),
                                     &raw, flags, nullptr);
  Database database(Handle(raw), path);
  if (opened != SQLITE_OK) return database.error(opened, "open");
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, kMaxValueBytes);
  return database;
}

Error Database::error(int code, std::string_view doing) const {
  std::string message = "cannot ";
  message.append(doing).append(" ").append(path_).append(": ");
  message.append(handle_ != nullptr ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code));
  return Error(code_for(code), std::move(message));
}

Result<void> Database::run(const char* sql) {
  const int result = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return error(result, "use");
  return {};
}

Result<Statement> Database::prepare(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  const int result = sqlite3_prepare_v2(handle_.get(), sql, -1, &raw, nullptr);
  Statement::Handle handle(raw);
  if (result != SQLITE_OK) return error(result, "use");
  return Statement(*this, std::move(handle));
}

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(handle_.get(), index, value);
  return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
  sqlite3_bind_text(handle_.get(), index, value.data() != nullptr ? value.data() : "",
                    static_cast<int>(value.size()), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(handle_.get(), index);
  return *this;
}

Statement& Statement::bind_blob(int index, ByteSpan bytes) {
  // A null pointer would bind NULL.
  static constexpr char kEmpty[1] = {};
  sqlite3_bind_blob64(handle_.get(), index,
                      bytes.empty() ? static_cast<const void*>(kEmpty) : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
  return *this;
}

Result<bool> Statement::step() {
  const int result = sqlite3_step(handle_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  Error error = database_->error(result, "use");
  sqlite3_reset(handle_.get());
  return error;
}

Result<void> Statement::execute() {
  for (;;) {
    TRY_ASSIGN(const bool row, step());
    if (!row) break;
  }
  sqlite3_reset(handle_.get());
  return {};
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  return {data != nullptr ? data : "",
          static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

ByteSpan Statement::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(handle_.get(), column));
  return {data, data == nullptr
                    ? 0
                    : static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

Result<Transaction> Transaction::begin(Database& database) {
  TRY(database.run("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // Nothing to be done if it fails: SQLite rolls back by itself when the file is opened next.
  sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Transaction::commit() {
  TRY(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace mikura
