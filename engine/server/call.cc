#include "server/call.h"

#include "server/framing.h"

namespace mikura {
namespace {

constexpr std::int64_t kFirstProgressMs = 150;
constexpr std::int64_t kProgressMs = 200;

std::string_view phase_name(Progress::Phase phase) {
  switch (phase) {
    case Progress::Phase::connecting:
      return "connecting";
    case Progress::Phase::scanning:
      return "scanning";
    case Progress::Phase::downloading:
      return "downloading";
    case Progress::Phase::applying:
      return "applying";
    case Progress::Phase::uploading:
      return "uploading";
    case Progress::Phase::publishing:
      return "publishing";
  }
  return "connecting";
}

}  // namespace

Failure cancelled_failure() {
  return {rpc_code::kCancelled, "cancelled", nullptr};
}

Call::Call(Peer& peer, Json id, std::string method, std::string folder, Lane lane,
           Json progress_token)
    : peer_(peer),
      id_(std::move(id)),
      method_(std::move(method)),
      folder_(std::move(folder)),
      lane_(lane),
      progress_token_(std::move(progress_token)),
      last_progress_ms_(kFirstProgressMs - kProgressMs) {}

bool Call::begin() {
  const std::lock_guard lock(begin_mutex_);
  begun_ = !answered_;
  return begun_;
}

void Call::cancel() {
  stop_.request_stop();
  const std::lock_guard lock(begin_mutex_);
  if (!begun_ || lane_ == Lane::look) refuse(cancelled_failure());
}

void Call::answer(Json result) {
  if (!claim()) return;
  succeeded_ = true;
  peer_.answer(id_, std::move(result));
}

void Call::answer_secret(std::string result) {
  if (claim()) {
    peer_.answer_secret(id_, std::move(result));
  } else {
    wipe_text(result);
  }
}

void Call::refuse(const Failure& failure) {
  if (claim()) peer_.refuse(id_, failure);
}

void Call::progress(const Progress& progress) {
  if (progress_token_.is_null() || answered_) return;
  const std::int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::steady_clock::now() - arrived_)
                               .count();
  std::int64_t last = last_progress_ms_.load();
  if (now - last < kProgressMs || !last_progress_ms_.compare_exchange_strong(last, now)) return;
  peer_.notify("$/progress", {{"token", progress_token_},
                              {"value",
                               {{"kind", "report"},
                                {"phase", phase_name(progress.phase)},
                                {"done_items", progress.done_items},
                                {"total_items", progress.total_items},
                                {"done_bytes", progress.done_bytes},
                                {"total_bytes", progress.total_bytes}}}});
}

}  // namespace mikura
