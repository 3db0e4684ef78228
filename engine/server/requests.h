// The parameters of every method as plain values, and reading them (docs/protocol.md). Pure.
//
// Each read() gives Code::invalid, with the name of the parameter, for what is missing or wrong.
// Paths are index paths or absolute, texts and lists have their limits: nobody has to look again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/uuid.h"
#include "session/types.h"
#include "wire/json.h"

namespace mikura {

inline constexpr std::uint64_t kDefaultHistoryLimit = 50;
inline constexpr std::uint64_t kMaxHistoryLimit = 1000;

struct NoParams {
  static Result<NoParams> read(const Json& params);
};

struct InitializeParams {
  std::int64_t protocol_min = 0, protocol_max = 0;
  std::string client;          // "name version", for the log
  std::string author, device;  // empty: this machine's
  std::string state_folder;    // empty: this machine's
  static Result<InitializeParams> read(const Json& params);
};

struct LogLevelParams {
  enum class Level { error, warning, info, debug };
  Level level = Level::info;
  static Result<LogLevelParams> read(const Json& params);
};

struct FolderParams {
  std::string folder;
  static Result<FolderParams> read(const Json& params);
};

struct StoreParams {
  std::string store;
  static Result<StoreParams> read(const Json& params);
};

struct InitParams {
  std::string folder;
  InitRequest request;
  static Result<InitParams> read(const Json& params);
};

struct LinkParams {
  std::string folder;
  LinkRequest request;
  static Result<LinkParams> read(const Json& params);
};

struct KeyCheckParams {
  std::string folder, store;  // one of them is empty
  static Result<KeyCheckParams> read(const Json& params);
};

struct KeyForgetParams {
  RepositoryId repository;
  static Result<KeyForgetParams> read(const Json& params);
};

struct StatusParams {
  std::string folder;
  bool check_remote = false;
  static Result<StatusParams> read(const Json& params);
};

struct SyncParams {
  std::string folder;
  SyncRequest request;
  static Result<SyncParams> read(const Json& params);
};

struct PathsParams {
  std::string folder;
  std::vector<std::string> paths;
  static Result<PathsParams> read(const Json& params);
};

struct RestoreParams {
  std::string folder;
  RestoreRequest request;
  static Result<RestoreParams> read(const Json& params);
};

struct DiscardParams {
  std::string folder;
  DiscardRequest request;
  static Result<DiscardParams> read(const Json& params);
};

struct ResolveParams {
  std::string folder;
  ResolveRequest request;
  static Result<ResolveParams> read(const Json& params);
};

struct ConfigureParams {
  std::string folder;
  ConfigureRequest request;
  static Result<ConfigureParams> read(const Json& params);
};

struct WatchStartParams {
  std::string folder;
  bool on_change = true;
  std::int64_t quiet_ms = 2000, max_wait_ms = 30'000;
  std::int64_t poll_seconds = 300;  // 0 = never
  bool sync = true;                 // false: look only
  static Result<WatchStartParams> read(const Json& params);
};

struct WatchPauseParams {
  std::string folder;
  std::optional<std::int64_t> seconds;  // nullopt: until it is resumed
  static Result<WatchPauseParams> read(const Json& params);
};

struct HistoryListParams {
  std::string folder;
  LogRequest request;
  static Result<HistoryListParams> read(const Json& params);
};

struct VersionParams {
  std::string folder, version;
  static Result<VersionParams> read(const Json& params);
};

struct VersionEntriesParams {
  std::string folder, version;
  std::vector<std::string> paths;
  static Result<VersionEntriesParams> read(const Json& params);
};

// One side of a diff, its version as typed.
struct SideParams {
  enum class Kind { version, working_tree, empty };
  Kind kind = Kind::version;
  std::string version;
};

struct DiffParams {
  std::string folder;
  SideParams before, after;
  std::vector<std::string> paths;
  static Result<DiffParams> read(const Json& params);
};

struct ContentParams {
  std::string folder, path, version;
  static Result<ContentParams> read(const Json& params);
};

struct ExportParams {
  std::string folder, path, version;
  std::string to;
  static Result<ExportParams> read(const Json& params);
};

}  // namespace mikura
