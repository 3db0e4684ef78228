#include "server/requests.h"

#include "server/params.h"

namespace mikura {
namespace {

constexpr std::int64_t kMaxProtocol = 1'000'000;
constexpr std::int64_t kMaxWaitMs = 24LL * 3600 * 1000;
constexpr std::int64_t kMaxSeconds = 365LL * 24 * 3600;

template <class Params>
Result<Params> finished(const ParamReader& reader, Params params) {
  TRY(reader.done());
  return params;
}

std::optional<Policy> read_policy(ParamReader& reader) {
  if (!reader.has("policy")) return std::nullopt;
  const auto policy = policy_named(reader.text("policy"));
  if (!policy) reader.fail("policy", "is none of the words that are known");
  return policy;
}

SideParams read_side(ParamReader& reader, const char* name) {
  if (!reader.has(name)) reader.fail(name, "is missing");
  ParamReader inner = reader.object(name);
  SideParams side;
  const bool tree = inner.flag_or("working_tree", false);
  const bool empty = inner.flag_or("empty", false);
  side.version = inner.text_or("version", "");
  if (int{tree} + int{empty} + int{!side.version.empty()} != 1)
    inner.fail(name, "is none of version, working_tree and empty");
  if (tree) side.kind = SideParams::Kind::working_tree;
  if (empty) side.kind = SideParams::Kind::empty;
  reader.take_error(inner);
  return side;
}

}  // namespace

Result<NoParams> NoParams::read(const Json&) {
  return NoParams{};
}

Result<InitializeParams> InitializeParams::read(const Json& params) {
  ParamReader reader(params);
  InitializeParams out;
  if (!reader.has("protocol")) reader.fail("protocol", "is missing");
  ParamReader protocol = reader.object("protocol");
  out.protocol_min = protocol.number("min", 0, kMaxProtocol);
  out.protocol_max = protocol.number("max", 0, kMaxProtocol);
  reader.take_error(protocol);
  ParamReader client = reader.object("client");
  out.client = client.text_or("name", "?") + " " + client.text_or("version", "?");
  reader.take_error(client);
  out.author = reader.text_or("author", "");
  out.device = reader.text_or("device", "");
  if (reader.has("state_folder")) out.state_folder = reader.absolute_path("state_folder");
  return finished(reader, std::move(out));
}

Result<LogLevelParams> LogLevelParams::read(const Json& params) {
  ParamReader reader(params);
  constexpr std::pair<std::string_view, Level> kWords[] = {{"error", Level::error},
                                                           {"warning", Level::warning},
                                                           {"info", Level::info},
                                                           {"debug", Level::debug}};
  const LogLevelParams out{reader.choice("level", kWords)};
  return finished(reader, out);
}

Result<FolderParams> FolderParams::read(const Json& params) {
  ParamReader reader(params);
  FolderParams out{reader.absolute_path("folder")};
  return finished(reader, std::move(out));
}

Result<StoreParams> StoreParams::read(const Json& params) {
  ParamReader reader(params);
  StoreParams out{reader.text("store")};
  return finished(reader, std::move(out));
}

Result<InitParams> InitParams::read(const Json& params) {
  ParamReader reader(params);
  InitParams out;
  out.folder = reader.absolute_path("folder");
  out.request.folder = out.folder;
  out.request.store_url = reader.text("store");
  out.request.single_writer = reader.flag_or("single_writer", false);
  constexpr std::pair<std::string_view, NamingScheme> kWords[] = {
      {"hmac-sha256", NamingScheme::hmac_sha256}, {"sha256", NamingScheme::sha256}};
  if (reader.has("object_names")) out.request.naming = reader.choice("object_names", kWords);
  return finished(reader, std::move(out));
}

Result<LinkParams> LinkParams::read(const Json& params) {
  ParamReader reader(params);
  LinkParams out;
  out.folder = reader.absolute_path("folder");
  out.request.folder = out.folder;
  out.request.store_url = reader.text("store");
  return finished(reader, std::move(out));
}

Result<KeyCheckParams> KeyCheckParams::read(const Json& params) {
  ParamReader reader(params);
  KeyCheckParams out;
  if (reader.has("folder")) out.folder = reader.absolute_path("folder");
  if (reader.has("store")) out.store = reader.text("store");
  if (out.folder.empty() == out.store.empty())
    reader.fail("folder", "or store is wanted, and not both");
  return finished(reader, std::move(out));
}

Result<KeyForgetParams> KeyForgetParams::read(const Json& params) {
  ParamReader reader(params);
  KeyForgetParams out;
  const auto parsed = parse_uuid_as<RepositoryId>(reader.text("repository"));
  if (parsed) {
    out.repository = *parsed;
  } else {
    reader.fail("repository", "is no UUID");
  }
  return finished(reader, out);
}

Result<StatusParams> StatusParams::read(const Json& params) {
  ParamReader reader(params);
  StatusParams out{reader.absolute_path("folder"), reader.flag_or("check_remote", false)};
  return finished(reader, std::move(out));
}

Result<SyncParams> SyncParams::read(const Json& params) {
  ParamReader reader(params);
  SyncParams out;
  out.folder = reader.absolute_path("folder");
  constexpr std::pair<std::string_view, SyncMode> kWords[] = {
      {"sync", SyncMode::sync}, {"push", SyncMode::push}, {"pull", SyncMode::pull}};
  if (reader.has("mode")) out.request.mode = reader.choice("mode", kWords);
  out.request.message = reader.text_or("message", "");
  out.request.dry_run = reader.flag_or("dry_run", false);
  out.request.allow_mass_change = reader.flag_or("allow_mass_change", false);
  out.request.policy = read_policy(reader);
  return finished(reader, std::move(out));
}

Result<PathsParams> PathsParams::read(const Json& params) {
  ParamReader reader(params);
  PathsParams out{reader.absolute_path("folder"), reader.index_paths("paths")};
  return finished(reader, std::move(out));
}

Result<RestoreParams> RestoreParams::read(const Json& params) {
  ParamReader reader(params);
  RestoreParams out;
  out.folder = reader.absolute_path("folder");
  out.request.version = reader.text("version");
  out.request.paths = reader.index_paths("paths");
  if (reader.has("to_folder")) out.request.to_folder = reader.absolute_path("to_folder");
  out.request.dry_run = reader.flag_or("dry_run", false);
  out.request.allow_mass_change = reader.flag_or("allow_mass_change", false);
  return finished(reader, std::move(out));
}

Result<DiscardParams> DiscardParams::read(const Json& params) {
  ParamReader reader(params);
  DiscardParams out;
  out.folder = reader.absolute_path("folder");
  out.request.paths = reader.index_paths("paths");
  // Without a path it would be everything, which nobody asks for by leaving something out.
  if (out.request.paths.empty()) reader.fail("paths", "are missing");
  out.request.dry_run = reader.flag_or("dry_run", false);
  // Each path was named: there is nothing to be surprised by.
  out.request.allow_mass_change = true;
  return finished(reader, std::move(out));
}

Result<ResolveParams> ResolveParams::read(const Json& params) {
  ParamReader reader(params);
  ResolveParams out;
  out.folder = reader.absolute_path("folder");
  out.request.path = reader.index_path("path");
  constexpr std::pair<std::string_view, Resolution> kWords[] = {
      {"keep_local", Resolution::keep_local},
      {"take_remote", Resolution::take_remote},
      {"keep_both", Resolution::keep_both},
      {"merge", Resolution::merge}};
  out.request.resolution = reader.choice("resolution", kWords);
  return finished(reader, std::move(out));
}

Result<ConfigureParams> ConfigureParams::read(const Json& params) {
  ParamReader reader(params);
  ConfigureParams out;
  out.folder = reader.absolute_path("folder");
  out.request.policy = read_policy(reader);
  if (reader.has("use_gitignore"))
    out.request.use_gitignore = reader.flag_or("use_gitignore", true);
  return finished(reader, std::move(out));
}

Result<WatchStartParams> WatchStartParams::read(const Json& params) {
  ParamReader reader(params);
  WatchStartParams out;
  out.folder = reader.absolute_path("folder");
  ParamReader settings = reader.object("settings");
  out.on_change = settings.flag_or("on_change", out.on_change);
  out.quiet_ms = settings.number_or("quiet_ms", out.quiet_ms, 0, kMaxWaitMs);
  out.max_wait_ms = settings.number_or("max_wait_ms", out.max_wait_ms, 0, kMaxWaitMs);
  out.poll_seconds = settings.number_or("poll_seconds", out.poll_seconds, 0, kMaxSeconds);
  out.sync = settings.flag_or("sync", out.sync);
  reader.take_error(settings);
  return finished(reader, std::move(out));
}

Result<WatchPauseParams> WatchPauseParams::read(const Json& params) {
  ParamReader reader(params);
  WatchPauseParams out;
  out.folder = reader.absolute_path("folder");
  if (reader.has("seconds")) out.seconds = reader.number("seconds", 0, kMaxSeconds);
  return finished(reader, std::move(out));
}

Result<HistoryListParams> HistoryListParams::read(const Json& params) {
  ParamReader reader(params);
  HistoryListParams out;
  out.folder = reader.absolute_path("folder");
  if (reader.has("path")) out.request.path = reader.index_path("path");
  out.request.limit = static_cast<std::uint64_t>(
      reader.number_or("limit", kDefaultHistoryLimit, 1, kMaxHistoryLimit));
  out.request.before = reader.text_or("before", "");
  return finished(reader, std::move(out));
}

Result<VersionParams> VersionParams::read(const Json& params) {
  ParamReader reader(params);
  VersionParams out{reader.absolute_path("folder"), reader.text("version")};
  return finished(reader, std::move(out));
}

Result<VersionEntriesParams> VersionEntriesParams::read(const Json& params) {
  ParamReader reader(params);
  VersionEntriesParams out{reader.absolute_path("folder"), reader.text("version"),
                           reader.index_paths("paths")};
  return finished(reader, std::move(out));
}

Result<DiffParams> DiffParams::read(const Json& params) {
  ParamReader reader(params);
  DiffParams out;
  out.folder = reader.absolute_path("folder");
  out.before = read_side(reader, "before");
  out.after = read_side(reader, "after");
  out.paths = reader.index_paths("paths");
  return finished(reader, std::move(out));
}

Result<ContentParams> ContentParams::read(const Json& params) {
  ParamReader reader(params);
  ContentParams out{reader.absolute_path("folder"), reader.index_path("path"),
                    reader.text("version")};
  return finished(reader, std::move(out));
}

Result<ExportParams> ExportParams::read(const Json& params) {
  ParamReader reader(params);
  ExportParams out{reader.absolute_path("folder"), reader.index_path("path"),
                   reader.text("version"), reader.absolute_path("to")};
  return finished(reader, std::move(out));
}

}  // namespace mikura
