#include "session/watch.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"

namespace mikura {
namespace {

using namespace std::chrono_literals;

// How long the threads sleep at most: a machine that wakes up notices it this soon.
constexpr std::chrono::nanoseconds kLongestNap = 15s;
// Where changes cannot be seen they are looked for this often.
constexpr std::chrono::nanoseconds kBlindInterval = 30s;
// Events come in bursts: one is as good as a thousand.
constexpr std::chrono::milliseconds kBurst = 100ms;

class WatchThreads final : public Watch {
 public:
  WatchThreads(std::unique_ptr<FolderWatcher> watcher, const AutoSyncSettings& settings,
               WatchHooks hooks, Clock& clock, std::uint64_t seed)
      : clock_(clock),
        hooks_(std::move(hooks)),
        watcher_(std::move(watcher)),
        machine_(settings, now(), seed),
        since_ms_(clock.unix_ms()),
        runner_([this](std::stop_token stop) { run_rounds(std::move(stop)); }),
        listener_([this](std::stop_token stop) { listen(std::move(stop)); }) {}

  ~WatchThreads() override {
    // Both first: neither waits for the other.
    listener_.request_stop();
    runner_.request_stop();
  }

  void configure(const AutoSyncSettings& settings) override {
    tell([&](AutoSync& machine) { machine.configure(settings, now()); });
  }
  void hint() override {
    tell([&](AutoSync& machine) { machine.change_seen(now()); });
  }
  void pause(std::optional<std::chrono::seconds> duration) override {
    tell([&](AutoSync& machine) { machine.pause(now(), duration); });
  }
  void resume() override {
    tell([&](AutoSync& machine) { machine.resume(now()); });
  }
  void ran_by_hand(const Result<SyncReport>& result) override {
    tell([&](AutoSync& machine) { machine.ran_by_hand(outcome_of(result), now()); });
  }

  WatchState state() override {
    const std::lock_guard lock(mutex_);
    return state_now();
  }

 private:
  Moment now() { return {clock_.monotonic(), clock_.unix_ms()}; }

  WatchState state_now() {
    const AutoSyncSettings& settings = machine_.settings();
    return {machine_.state(now()), settings.on_change,
            settings.on_change ? watcher_->degraded() : std::string(), since_ms_};
  }

  template <class Action>
  void tell(Action&& action) {
    {
      const std::lock_guard lock(mutex_);
      action(machine_);
      ++told_;
    }
    wake_.notify_all();
    announce();
  }

  // The front end hears of states in their order, and of none twice.
  void announce() {
    const std::lock_guard order(announcing_);
    WatchState state;
    {
      const std::lock_guard lock(mutex_);
      state = state_now();
      // A deadline that only came nearer is no news.
      WatchState shown = state;
      if (announced_ && announced_->sync.next_ms && shown.sync.next_ms &&
          std::abs(*announced_->sync.next_ms - *shown.sync.next_ms) < 1000)
        shown.sync.next_ms = announced_->sync.next_ms;
      if (announced_ == shown) return;
      announced_ = state;
    }
    if (hooks_.changed) hooks_.changed(state);
  }

  void listen(std::stop_token stop) {
    while (!stop.stop_requested()) {
      const auto seen =
          watcher_->wait(std::chrono::duration_cast<std::chrono::milliseconds>(kLongestNap), stop);
      if (seen == FolderWatcher::Seen::nothing) {
        look_if_blind();
        continue;
      }
      tell([&](AutoSync& machine) {
        if (seen == FolderWatcher::Seen::folders) folders_are_old_ = true;
        machine.change_seen(now());
      });
      clock_.sleep_for(kBurst, stop);
    }
  }

  void look_if_blind() {
    const std::lock_guard lock(mutex_);
    if (!machine_.settings().on_change || watcher_->degraded().empty()) return;
    if (clock_.monotonic() - last_blind_look_ < kBlindInterval) return;
    last_blind_look_ = clock_.monotonic();
    machine_.change_seen(now());
    ++told_;
    wake_.notify_all();
  }

  void run_rounds(std::stop_token stop) {
    while (!stop.stop_requested()) {
      AutoSync::Next next;
      {
        std::unique_lock lock(mutex_);
        next = machine_.next(now());
        if (next.what == AutoSync::What::nothing) {
          const std::uint64_t told = told_;
          std::chrono::nanoseconds nap = kLongestNap;
          if (next.at) nap = std::min(nap, *next.at - clock_.monotonic());
          wake_.wait_for(lock, stop, std::max(nap, std::chrono::nanoseconds(1ms)),
                         [&] { return told_ != told; });
        }
      }
      announce();
      if (next.what != AutoSync::What::nothing) run_round(next.what, stop);
    }
  }

  void run_round(AutoSync::What what, const std::stop_token& stop) {
    RoundOutcome outcome;
    if (what == AutoSync::What::sync) {
      outcome = outcome_of(hooks_.sync(stop));
    } else {
      auto news = hooks_.check(stop);
      if (news)
        outcome.remote_has_news = *news;
      else
        outcome.error = std::move(news).error();
    }
    {
      const std::lock_guard lock(mutex_);
      machine_.round_finished(outcome, now());
    }
    watch_folders(stop);
    announce();
  }

  // After a round, since only a scan knows which folders are ignored. What happened in a folder
  // before it was watched is found by one more round.
  void watch_folders(const std::stop_token& stop) {
    {
      const std::lock_guard lock(mutex_);
      if (!machine_.settings().on_change || !folders_are_old_) return;
      folders_are_old_ = false;
    }
    const auto folders = hooks_.folders(stop);
    if (!folders) {
      log_debug("cannot find out which folders to watch: " + folders.error().message());
      const std::lock_guard lock(mutex_);
      folders_are_old_ = true;
      return;
    }
    if (!watcher_->watch(*folders)) return;
    const std::lock_guard lock(mutex_);
    machine_.change_seen(now());
  }

  Clock& clock_;
  const WatchHooks hooks_;
  const std::unique_ptr<FolderWatcher> watcher_;
  std::mutex announcing_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  AutoSync machine_;
  const std::int64_t since_ms_;
  std::uint64_t told_ = 0;
  bool folders_are_old_ = true;
  std::chrono::nanoseconds last_blind_look_{0};
  std::optional<WatchState> announced_;
  std::jthread runner_;
  std::jthread listener_;
};

}  // namespace

std::unique_ptr<Watch> Watch::start(std::unique_ptr<FolderWatcher> watcher,
                                    const AutoSyncSettings& settings, WatchHooks hooks,
                                    Clock& clock, std::uint64_t seed) {
  return std::make_unique<WatchThreads>(std::move(watcher), settings, std::move(hooks), clock,
                                        seed);
}

RoundOutcome outcome_of(const Result<SyncReport>& result) {
  RoundOutcome outcome;
  if (!result) {
    outcome.error = result.error();
    return outcome;
  }
  outcome.done.published = result->published;
  outcome.done.generation = result->generation;
  outcome.done.uploaded_bytes = result->uploaded_bytes;
  outcome.done.downloaded_bytes = result->downloaded_bytes;
  return outcome;
}

}  // namespace mikura
