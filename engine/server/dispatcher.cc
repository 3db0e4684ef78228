#include "server/dispatcher.h"

#include <vector>

#include "base/log.h"

namespace mikura {
namespace {

// The process's looks at once (docs/protocol.md, "Order").
constexpr unsigned kLooksAtOnce = 4;

Json progress_token_of(const Json& params) {
  const auto token = params.find("progress_token");
  if (token == params.end() || !(token->is_string() || token->is_number_integer())) return nullptr;
  return *token;
}

Failure refusal(int code, std::string message) {
  return {code, std::move(message), nullptr};
}

Failure not_open(const std::string& folder) {
  return {rpc_code::kEngine,
          folder + " was not opened",
          {{"code", "not_open"},
           {"message", folder + " was not opened"},
           {"hint", "Call folder/open first."},
           {"retryable", false}}};
}

}  // namespace

Dispatcher::Dispatcher(Services& services, Methods methods)
    : services_(services),
      methods_(std::move(methods)),
      looks_(kLooksAtOnce),
      changes_elsewhere_(1) {}

Dispatcher::~Dispatcher() {
  std::vector<std::shared_ptr<Call>> calls;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, call] : calls_)
      calls.push_back(call);
  }
  services_.peer.end();
  for (const auto& call : calls)
    call->cancel();
  // Joined one after the other; all were told to stop before.
  for (const auto& folder : services_.folders.all()) {
    folder->stop_watching(/*closing=*/true);
    services_.folders.close(folder->path());
  }
}

void Dispatcher::take(std::string_view text) {
  auto understood = understand_message(text);
  if (const auto* const refused = std::get_if<RefusedMessage>(&understood)) {
    services_.peer.refuse(refused->id, refused->failure);
    return;
  }
  auto& message = std::get<IncomingMessage>(understood);
  switch (message.kind) {
    case IncomingMessage::Kind::request:
      take_request(std::move(message));
      break;
    case IncomingMessage::Kind::notification:
      take_notification(message);
      break;
    case IncomingMessage::Kind::response:
      services_.peer.take_response(std::move(message));
      break;
  }
}

void Dispatcher::take_request(IncomingMessage message) {
  const auto refuse = [&](const Failure& failure) { services_.peer.refuse(message.id, failure); };
  const Method* const method = methods_.find_method(message.method);
  if (!initialized_ && message.method != "initialize")
    return refuse(refusal(rpc_code::kNotInitialized, "initialize has not been called"));
  if (method == nullptr)
    return refuse(refusal(rpc_code::kUnknownMethod, "there is no method " + message.method));
  auto prepared = method->prepare(message.params);
  if (!prepared)
    return refuse(
        refusal(rpc_code::kInvalidParams, message.method + ": " + prepared.error().message()));
  const std::string& folder = prepared->folder;
  if (method->in_open_folder && !folder.empty() && !services_.folders.is_open(folder))
    return refuse(not_open(folder));
  const auto call =
      std::make_shared<Call>(services_.peer, std::move(message.id), std::move(message.method),
                             folder, method->lane, progress_token_of(message.params));
  if (!remember(call)) {
    services_.peer.refuse(
        call->id(), refusal(rpc_code::kInvalidRequest, "another call with that id is under way"));
    return;
  }
  start(*method, *std::move(prepared), call);
}

void Dispatcher::take_notification(const IncomingMessage& message) {
  if (message.method == "$/cancelRequest") {
    const auto id = message.params.find("id");
    if (id != message.params.end()) cancel(*id);
    return;
  }
  const Notification* const notification = methods_.find_notification(message.method);
  // There is nobody to answer.
  if (notification == nullptr) return;
  const auto taken = notification->take(services_, message.params);
  if (!taken) log_info(message.method + ": " + taken.error().message());
}

void Dispatcher::start(const Method& method, PreparedCall prepared,
                       const std::shared_ptr<Call>& call) {
  if (call->method() == "folder/close") return close_folder(call);
  // Known from now on: calls that come behind it need not wait for its answer.
  if (call->method() == "folder/open")
    services_.folders.open(services_.make_folder(call->folder()));
  if (method.lane == Call::Lane::at_once) {
    if (call->begin()) run(prepared, *call);
    if (call->method() == "initialize") initialized_ = initialized_ || call->succeeded();
    forget(*call);
    return;
  }
  const bool posted = post(call, [this, call, prepared = std::move(prepared)] {
    if (call->begin()) run(prepared, *call);
    forget(*call);
  });
  if (posted) return;
  call->refuse(failure_of(*call, Error(Code::busy, "too many calls are waiting")));
  forget(*call);
}

bool Dispatcher::post(const std::shared_ptr<Call>& call, Workers::Task task) {
  if (call->lane() == Call::Lane::look) {
    call->workers = &looks_;
    return looks_.post(std::move(task));
  }
  if (services_.folders.is_open(call->folder()))
    return services_.folders.post_change(call->folder(), std::move(task));
  return changes_elsewhere_.post(std::move(task));
}

void Dispatcher::run(const PreparedCall& prepared, Call& call) {
  auto result = services_.with_key(call, [&] { return prepared.run(services_, call); });
  if (result) {
    call.answer(*std::move(result));
  } else {
    call.refuse(failure_of(call, result.error()));
  }
}

bool Dispatcher::remember(const std::shared_ptr<Call>& call) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Call>& slot = calls_[json_line(call->id())];
  // A look that was cancelled is answered, though it may still be on its way back.
  if (slot != nullptr && !slot->is_answered()) return false;
  slot = call;
  return true;
}

void Dispatcher::forget(const Call& call) {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(json_line(call.id()));
  if (found != calls_.end() && found->second.get() == &call) calls_.erase(found);
}

void Dispatcher::cancel(const Json& id) {
  std::shared_ptr<Call> call;
  {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(json_line(id));
    if (found == calls_.end()) return;
    call = found->second;
  }
  call->cancel();
}

// Here, and not in a handler: it is about the other calls.
void Dispatcher::close_folder(const std::shared_ptr<Call>& call) {
  std::vector<std::shared_ptr<Call>> ending;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, other] : calls_) {
      if (other != call && other->folder() == call->folder()) ending.push_back(other);
    }
  }
  for (const auto& other : ending)
    other->cancel();
  services_.states.close(call->folder());
  auto closed = services_.folders.close(call->folder());
  if (!closed) {
    call->answer(nullptr);
    return forget(*call);
  }
  // Shared, for a task can be copied.
  const auto folder = std::make_shared<Folders::Closed>(*std::move(closed));
  const bool posted = looks_.post([this, call, folder] {
    const auto repository = folder->folder->repository();
    folder->folder->stop_watching(/*closing=*/true);
    folder->changes.reset();
    folder->folder.reset();
    if (repository) services_.forget_unneeded_key(*repository);
    call->answer(nullptr);
    forget(*call);
  });
  if (posted) return;
  call->answer(nullptr);
  forget(*call);
}

}  // namespace mikura
