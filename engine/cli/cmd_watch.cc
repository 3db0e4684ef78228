#include <condition_variable>
#include <memory>
#include <mutex>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/text.h"
#include "session/watch_folder.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

struct WatchOptions {
  std::uint64_t poll_seconds = 300;
  bool look_only = false;
};

// What the watch tells, written as it comes. Called from the threads of the watch, one at a time.
class Teller {
 public:
  explicit Teller(Invocation& invocation) : invocation_(invocation) {}

  void tell(const WatchState& state) {
    Output& out = invocation_.out;
    if (out.json) {
      const auto written = out.raw(as_bytes(json_line(to_json(state)) + "\n"));
      if (!written || !out.finish()) end({});
    } else {
      say(state);
    }
    const auto& problem = state.sync.problem;
    if (state.sync.activity == AutoActivity::stopped && problem)
      end(Error(problem->code, problem->message).with_hint(problem->hint));
    last_ = state;
  }

  // Until a stop is requested, or the watch cannot go on: why.
  std::optional<Error> wait(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, stop, [&] { return is_over_; });
    return error_;
  }

 private:
  void say(const WatchState& state) {
    Output& out = invocation_.out;
    const AutoSyncState& sync = state.sync;
    if (!state.degraded.empty() && state.degraded != last_.degraded)
      out.note(tr("watch.degraded", harmless(state.degraded)));
    if (sync.activity == AutoActivity::offline && last_.sync.activity != AutoActivity::offline &&
        !is_offline_) {
      is_offline_ = true;
      out.say(tr("watch.offline", harmless(sync.problem ? sync.problem->message : "")));
    }
    if (sync.last_sync == last_.sync.last_sync || !sync.last_sync) return;
    is_offline_ = false;
    if (sync.last_sync->published)
      out.say(tr("sync.published", sync.last_sync->generation,
                 short_id(format_uuid(sync.last_sync->published->bytes()))));
    else if (!last_.sync.last_sync ||
             last_.sync.last_sync->generation != sync.last_sync->generation)
      out.say(tr("sync.pulled", sync.last_sync->generation));
    static_cast<void>(out.finish());
  }

  void end(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    error_ = std::move(error);
    ended_.notify_all();
  }

  Invocation& invocation_;
  WatchState last_;
  bool is_offline_ = false;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  bool is_over_ = false;
  std::optional<Error> error_;
};

Result<Exit> watch(Invocation& invocation, const WatchOptions& options) {
  // The rounds run in a thread of their own, and nobody looks at a line that comes and goes.
  invocation.global.no_progress = true;
  TRY_ASSIGN(const auto session, invocation.session());
  AutoSyncSettings settings;
  settings.poll = std::chrono::seconds(options.poll_seconds);
  settings.sync = !options.look_only;
  Teller teller(invocation);
  TRY_ASSIGN(const auto watch, watch_folder(*session, settings, invocation.environment(),
                                            [&](const WatchState& state) { teller.tell(state); }));
  invocation.out.say(tr("watch.begun", shown_name(session->root())));
  const auto error = teller.wait(invocation.stop());
  if (error) return *error;
  // Whoever ends it wants it to end: no failure.
  return Exit::done;
}

}  // namespace

void add_watch_verb(Parser& parser, Invocation& invocation) {
  const auto options = std::make_shared<WatchOptions>();
  parser
      .add("watch", "help.every_day",
           [&invocation, options] { return watch(invocation, *options); })
      .number("--poll", options->poll_seconds, "option.poll")
      .flag("--look-only", options->look_only, "option.look_only");
}

}  // namespace mikura
