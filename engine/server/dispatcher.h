// Dispatcher: from messages to handlers: order, cancellation and errors by name.
//
// take() belongs to the thread that reads and never works itself: what looks goes to a few threads
// of the process, what changes a folder to that folder's strand. Everything around a handler is
// done here once: parameters are read before it is queued, a wrong key is dropped and asked for
// again once, every call is answered.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "server/methods.h"
#include "server/services.h"
#include "server/workers.h"

namespace mikura {

class Dispatcher {
 public:
  Dispatcher(Services& services, Methods methods);
  // Cancels all calls and waits until none is under way.
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // One message of the client.
  void take(std::string_view text);

 private:
  void take_request(IncomingMessage message);
  void take_notification(const IncomingMessage& message);
  void start(const Method& method, PreparedCall prepared, const std::shared_ptr<Call>& call);
  bool post(const std::shared_ptr<Call>& call, Workers::Task task);
  void run(const PreparedCall& prepared, Call& call);
  bool remember(const std::shared_ptr<Call>& call);
  void forget(const Call& call);
  void cancel(const Json& id);
  void close_folder(const std::shared_ptr<Call>& call);

  Services& services_;
  const Methods methods_;
  bool initialized_ = false;
  std::mutex mutex_;  // guards calls_
  std::map<std::string, std::shared_ptr<Call>> calls_;
  Workers looks_;
  Workers changes_elsewhere_;  // of folders that are not open
};

}  // namespace mikura
