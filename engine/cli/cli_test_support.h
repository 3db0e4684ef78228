// For tests of the command: a session that answers what a test has prepared and notes what it was
// asked, and a way to run the command and read what it wrote.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/messages.h"
#include "cli/run.h"
#include "testing/temp_folder.h"

namespace mikura {

// What the fakes answer and what they saw. Results that a test does not set are empty successes.
struct FakeWorld {
  Result<InitReport> init_report = InitReport{};
  Result<SyncReport> clone_report = SyncReport{};
  std::optional<Error> open_error;
  Result<SyncReport> sync_report = SyncReport{};
  Result<SyncReport> dry_run_report = SyncReport{};
  Result<StatusReport> status_report = StatusReport{};
  std::vector<VersionInfo> versions;
  std::map<std::string, VersionId> known_versions;    // what resolve_version finds
  std::map<std::string, std::vector<Entry>> entries;  // by the version's UUID
  std::vector<DiffEntry> changes;
  std::map<std::string, std::string> contents;  // by path, on every side
  Result<RestoreReport> restore_report = RestoreReport{};
  Result<RestoreReport> restore_preview = RestoreReport{};
  std::vector<ConflictInfo> conflicts;
  std::vector<DoctorCheck> checks;

  std::vector<InitRequest> init_requests;
  std::vector<LinkRequest> link_requests;
  std::vector<SyncRequest> sync_requests;
  std::vector<RestoreRequest> restore_requests;
  std::vector<LogRequest> log_requests;
  WorkspaceSettings settings;
  std::vector<std::pair<std::string, Resolution>> resolved;
  std::vector<std::vector<std::string>> diff_paths;
  std::optional<DiffSide> diff_before, diff_after;
  std::map<std::string, std::string> remembered;  // key files by the repository's UUID
  bool asks_for_key = false;  // init, link and clone ask for it, as the real ones do
  std::optional<Error> key_error;
  std::optional<bool> checked_remote;
};

class FakeSession final : public Session {
 public:
  FakeSession(FakeWorld& world, Environment environment)
      : world_(world), environment_(std::move(environment)) {}

  const std::string& root() const override { return root_; }

  Result<SyncReport> sync(const SyncRequest& request, std::stop_token) override {
    world_.sync_requests.push_back(request);
    if (environment_.trace) environment_.trace({"get", "HEAD", 0, 40, 1500, "ok"});
    return request.dry_run ? world_.dry_run_report : world_.sync_report;
  }

  Result<StatusReport> status(bool check_remote, std::stop_token) override {
    world_.checked_remote = check_remote;
    return world_.status_report;
  }

  Result<void> log(const LogRequest& request, const std::function<bool(const VersionInfo&)>& each,
                   std::stop_token) override {
    world_.log_requests.push_back(request);
    std::uint64_t shown = 0;
    for (const VersionInfo& info : world_.versions) {
      if (!each(info) || ++shown == request.limit) break;
    }
    return {};
  }

  Result<VersionId> resolve_version(const std::string& text, std::stop_token) override {
    const auto found = world_.known_versions.find(text);
    if (found != world_.known_versions.end()) return found->second;
    return Error(Code::not_found, "there is no version " + text);
  }

  Result<VersionInfo> version_info(const VersionId& version, std::stop_token) override {
    for (const VersionInfo& info : world_.versions) {
      if (info.version == version) return info;
    }
    return Error(Code::not_found, "no such version");
  }

  Result<std::vector<Entry>> version_entries(const VersionId& version, std::stop_token) override {
    return world_.entries[format_uuid(version.bytes())];
  }

  Result<std::vector<DiffEntry>> diff(const DiffSide& before, const DiffSide& after,
                                      const std::vector<std::string>& paths,
                                      std::stop_token) override {
    world_.diff_before = before;
    world_.diff_after = after;
    world_.diff_paths.push_back(paths);
    return world_.changes;
  }

  Result<void> read_content(const DiffSide&, const std::string& path,
                            const std::function<Result<void>(ByteSpan)>& sink,
                            std::stop_token) override {
    const auto found = world_.contents.find(path);
    if (found == world_.contents.end()) {
      return Error(Code::not_found, path + " is not in that version");
    }
    return sink(as_bytes(found->second));
  }

  Result<Entry> read_version_file(const std::string& version, const std::string& path,
                                  const std::function<Result<void>(const Entry&)>& begin,
                                  const std::function<Result<void>(ByteSpan)>& sink,
                                  std::stop_token stop) override {
    Entry entry;
    entry.path = path;
    TRY(begin(entry));
    TRY_ASSIGN(const VersionId known, resolve_version(version, stop));
    TRY(read_content({known}, path, sink, stop));
    return entry;
  }

  Result<RestoreReport> restore(const RestoreRequest& request, std::stop_token) override {
    world_.restore_requests.push_back(request);
    return request.dry_run ? world_.restore_preview : world_.restore_report;
  }

  Result<std::vector<ConflictInfo>> conflicts() override { return world_.conflicts; }

  Result<DiscardReport> discard(const DiscardRequest& request, std::stop_token) override {
    return DiscardReport{request.dry_run, {}, "", {}};
  }

  Result<ResolveReport> resolve(const ResolveRequest& request, std::stop_token) override {
    const std::string& path = request.path;
    const auto open = std::erase_if(
        world_.conflicts, [&](const ConflictInfo& conflict) { return conflict.path == path; });
    if (open == 0) return Error(Code::not_found, path + " is not in conflict");
    world_.resolved.emplace_back(path, request.resolution);
    ResolveReport report{path, request.resolution, ".mikura/backup/20260102.030405"};
    if (request.resolution == Resolution::keep_both) report.kept_as = path + " (other)";
    return report;
  }

  Result<bool> has_remote_news(std::stop_token) override { return false; }
  Result<std::vector<std::string>> folders(std::stop_token) override {
    return std::vector<std::string>{""};
  }
  Result<WorkspaceSettings> settings() override { return world_.settings; }
  Result<WorkspaceSettings> configure(const ConfigureRequest& request) override {
    if (request.policy) world_.settings.policy = *request.policy;
    if (request.use_gitignore) world_.settings.use_gitignore = *request.use_gitignore;
    return world_.settings;
  }

  std::vector<DoctorCheck> doctor(std::stop_token) override { return world_.checks; }

  Result<std::string> to_index_path(const std::string& typed, const std::string&) override {
    if (typed.starts_with("..")) return Error(Code::invalid, typed + " is outside");
    return typed == "." ? std::string() : typed;
  }

 private:
  FakeWorld& world_;
  Environment environment_;
  std::string root_ = "/work";
};

inline Engine fake_engine(FakeWorld& world) {
  const auto ask = [&world](const Environment& environment, bool creating) {
    if (!world.asks_for_key) return;
    const auto key = environment.key({RepositoryId(), "file:///store", creating, true, true});
    if (!key) world.key_error = key.error();
  };
  Engine engine;
  engine.init = [&world, ask](const InitRequest& request, const Environment& environment,
                              std::stop_token) -> Result<InitReport> {
    world.init_requests.push_back(request);
    ask(environment, true);
    if (world.key_error) return *world.key_error;
    return world.init_report;
  };
  engine.link = [&world, ask](const LinkRequest& request, const Environment& environment,
                              std::stop_token) -> Result<InitReport> {
    world.link_requests.push_back(request);
    ask(environment, false);
    if (world.key_error) return *world.key_error;
    return world.init_report;
  };
  engine.clone = [&world, ask](const LinkRequest& request, const Environment& environment,
                               std::stop_token) -> Result<SyncReport> {
    world.link_requests.push_back(request);
    ask(environment, false);
    if (world.key_error) return *world.key_error;
    return world.clone_report;
  };
  engine.open = [&world](const std::string&,
                         Environment environment) -> Result<std::unique_ptr<Session>> {
    if (world.open_error) return *world.open_error;
    return std::unique_ptr<Session>(std::make_unique<FakeSession>(world, std::move(environment)));
  };
  engine.remember_key_file = [&world](const std::string&, const RepositoryId& repository,
                                      const std::string& path) -> Result<void> {
    world.remembered[format_uuid(repository.bytes())] = path;
    return {};
  };
  engine.remembered_key_file = [](const std::string&, const RepositoryId&) {
    return std::optional<std::string>();
  };
  return engine;
}

// A FILE whose bytes a test can read.
class MemoryFile {
 public:
  MemoryFile() : file_(::open_memstream(&data_, &size_)) {}
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() {
    std::fclose(file_);
    std::free(data_);
  }
  std::FILE* get() const { return file_; }
  std::string text() const {
    std::fflush(file_);
    return {data_, size_};
  }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

struct Ran {
  int exit = 0;
  std::string out;
  std::string err;

  Json json() const { return Json::parse(out); }
  Json error() const { return Json::parse(err).at("error"); }
};

struct TerminalKind {
  bool is_terminal = false;
  bool colours = false;
};

inline Ran run(FakeWorld& world, const std::vector<std::string>& words, TerminalKind kind = {}) {
  const MemoryFile out;
  const MemoryFile err;
  const Streams streams{out.get(), err.get(), kind.is_terminal, kind.is_terminal, kind.colours};
  const int exit = run_command(words, fake_engine(world), streams, {});
  return {exit, out.text(), err.text()};
}

// Ids that tests can tell apart: the last byte is `number`.
inline VersionId version_id(unsigned char number) {
  VersionId id;
  id.mutable_bytes()[15] = static_cast<std::byte>(number);
  return id;
}

// Another language for one test.
class WithLanguage {
 public:
  explicit WithLanguage(Language language) : before_(current_language()) { set_language(language); }
  WithLanguage(const WithLanguage&) = delete;
  WithLanguage& operator=(const WithLanguage&) = delete;
  ~WithLanguage() { set_language(before_); }

 private:
  const Language before_;
};

// A test of the whole command, in an environment of its own.
class CommandTest : public testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("MIKURA_KEY_FILE");
    ::setenv("XDG_STATE_HOME", state_.path().c_str(), 1);
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }

  Ran go(const std::vector<std::string>& words, TerminalKind kind = {}) {
    return run(world_, words, kind);
  }

  FakeWorld world_;
  TempFolder state_;
};

}  // namespace mikura
