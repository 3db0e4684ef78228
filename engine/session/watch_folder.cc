#include "session/watch_folder.h"

#include <fmt/format.h>

#include "base/log.h"
#include "local/watcher_file.h"

namespace mikura {
namespace {

// The watch, and the file that tells of it for as long as it lives.
class AnnouncedWatch final : public Watch {
 public:
  AnnouncedWatch(std::string root, std::unique_ptr<Watch> watch)
      : root_(std::move(root)), watch_(std::move(watch)) {}
  ~AnnouncedWatch() override {
    watch_.reset();
    remove_watcher_file(root_);
  }

  void configure(const AutoSyncSettings& settings) override { watch_->configure(settings); }
  void hint() override { watch_->hint(); }
  void pause(std::optional<std::chrono::seconds> duration) override { watch_->pause(duration); }
  void resume() override { watch_->resume(); }
  void ran_by_hand(const Result<SyncReport>& result) override { watch_->ran_by_hand(result); }
  WatchState state() override { return watch_->state(); }

 private:
  const std::string root_;
  std::unique_ptr<Watch> watch_;
};

std::uint64_t seed_from(Random& random) {
  std::uint64_t seed = 0;
  random.fill(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

}  // namespace

WatcherInfo to_watcher_info(const WatchState& state, const std::string& program) {
  WatcherInfo info;
  info.program = program;
  info.since_ms = state.since_ms;
  info.activity = activity_name(state.sync.activity);
  if (state.sync.last_sync) {
    info.last_sync_ms = state.sync.last_sync->at_ms;
    info.generation = state.sync.last_sync->generation;
  }
  if (state.sync.problem) {
    info.problem_code = code_name(state.sync.problem->code);
    info.problem = state.sync.problem->message;
  }
  info.degraded = state.degraded;
  return info;
}

Result<std::unique_ptr<Watch>> watch_with(const std::string& root, const AutoSyncSettings& settings,
                                          const Environment& environment, WatchHooks hooks) {
  if (const auto other = read_watcher_file(root)) {
    return Error(Code::busy, fmt::format("process {} watches this folder already", other->pid))
        .with_hint("`mikura status` shows how it goes.");
  }
  Clock& clock = environment.clock != nullptr ? *environment.clock : system_clock();
  Random& random = environment.random != nullptr ? *environment.random : system_random();
  hooks.changed = [root, program = environment.program,
                   changed = std::move(hooks.changed)](const WatchState& state) {
    const auto written = write_watcher_file(root, to_watcher_info(state, program));
    if (!written) log_debug(written.error().message());
    if (changed) changed(state);
  };
  auto watch =
      Watch::start(open_folder_watcher(root), settings, std::move(hooks), clock, seed_from(random));
  return std::unique_ptr<Watch>(std::make_unique<AnnouncedWatch>(root, std::move(watch)));
}

Result<std::unique_ptr<Watch>> watch_folder(Session& session, const AutoSyncSettings& settings,
                                            const Environment& environment,
                                            std::function<void(const WatchState&)> changed) {
  WatchHooks hooks;
  hooks.sync = [&session](std::stop_token stop) { return session.sync({}, std::move(stop)); };
  hooks.check = [&session](std::stop_token stop) {
    return session.has_remote_news(std::move(stop));
  };
  hooks.folders = [&session](std::stop_token stop) { return session.folders(std::move(stop)); };
  hooks.changed = std::move(changed);
  return watch_with(session.root(), settings, environment, std::move(hooks));
}

}  // namespace mikura
