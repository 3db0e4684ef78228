#include "server/peer.h"

#include "server/framing.h"

namespace mikura {

void Peer::notify(std::string_view method, Json params) {
  transport_.write(json_line(make_notification(method, std::move(params))));
}

void Peer::answer(const Json& id, Json result) {
  transport_.write(json_line(make_result(id, std::move(result))));
}

void Peer::refuse(const Json& id, const Failure& failure) {
  transport_.write(json_line(make_failure(id, failure)));
}

void Peer::answer_secret(const Json& id, std::string result) {
  std::string text = R"({"jsonrpc":"2.0","id":)" + json_line(id) + R"(,"result":)";
  // In one piece, so that no part of it is left behind where the text was before it grew.
  text.reserve(text.size() + result.size() + 1);
  text += result;
  text += '}';
  wipe_text(result);
  transport_.write(text);
  wipe_text(text);
}

Result<std::optional<Json>> Peer::request(std::string_view method, Json params,
                                          std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const std::int64_t id = next_id_++;
  Waiting& waiting = waiting_[id];
  lock.unlock();
  transport_.write(json_line(make_request(id, method, std::move(params))));
  lock.lock();
  changed_.wait(lock, stop, [&] { return waiting.answered || ended_; });
  const bool answered = waiting.answered;
  std::optional<Json> result = std::move(waiting.result);
  waiting_.erase(id);
  lock.unlock();
  if (answered) return result;
  notify("$/cancelRequest", {{"id", id}});
  return Error(Code::cancelled, "cancelled");
}

void Peer::take_response(IncomingMessage response) {
  if (!response.id.is_number_integer()) return;
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(response.id.get<std::int64_t>());
  if (found == waiting_.end() || found->second.answered) {
    // Too late, or never asked.
    wipe_json(response.result);
    return;
  }
  found->second.answered = true;
  if (!response.failed) found->second.result = std::move(response.result);
  changed_.notify_all();
}

void Peer::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void wipe_json(Json& json) {
  if (json.is_string()) wipe_text(json.get_ref<std::string&>());
  if (!json.is_structured()) return;
  for (Json& item : json)
    wipe_json(item);
}

}  // namespace mikura
