// Methods: the table of what a client can call: how its parameters are read, where it runs, and
// the handler.
//
// Filled once, before the first message; then read only. The handlers_*.cc files add theirs.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "server/call.h"
#include "server/requests.h"
#include "server/services.h"

namespace mikura {

// A call whose parameters are understood.
struct PreparedCall {
  std::string folder;  // empty: it belongs to none
  std::function<Result<Json>(Services&, Call&)> run;
};

struct Method {
  Call::Lane lane = Call::Lane::look;
  // The folder must have been opened.
  bool in_open_folder = true;
  std::function<Result<PreparedCall>(const Json& params)> prepare;
};

struct Notification {
  std::function<Result<void>(Services&, const Json& params)> take;
};

class Methods {
 public:
  enum class Needs { open_folder, nothing };

  // `handler` is Result<Json>(Services&, Call&, const Params&).
  template <class Params, class Handler>
  void add(std::string_view name, Call::Lane lane, Needs needs, Handler handler) {
    methods_[std::string(name)] = {
        lane, needs == Needs::open_folder, [handler](const Json& json) -> Result<PreparedCall> {
          TRY_ASSIGN(Params params, Params::read(json));
          PreparedCall prepared;
          if constexpr (requires { params.folder; }) prepared.folder = params.folder;
          prepared.run = [handler, params = std::move(params)](Services& services, Call& call) {
            return handler(services, call, params);
          };
          return prepared;
        }};
  }
  template <class Params, class Handler>
  void look(std::string_view name, Handler handler) {
    add<Params>(name, Call::Lane::look, Needs::open_folder, handler);
  }
  template <class Params, class Handler>
  void change(std::string_view name, Handler handler) {
    add<Params>(name, Call::Lane::change, Needs::open_folder, handler);
  }

  // `handler` is void(Services&, const Params&); it must be quick.
  template <class Params, class Handler>
  void notification(std::string_view name, Handler handler) {
    notifications_[std::string(name)] = {
        [handler](Services& services, const Json& json) -> Result<void> {
          TRY_ASSIGN(const Params params, Params::read(json));
          handler(services, params);
          return {};
        }};
  }

  // nullptr if there is none of that name.
  const Method* find_method(std::string_view name) const;
  const Notification* find_notification(std::string_view name) const;

 private:
  std::map<std::string, Method, std::less<>> methods_;
  std::map<std::string, Notification, std::less<>> notifications_;
};

void add_process_methods(Methods& methods);
void add_folder_methods(Methods& methods);
void add_repository_methods(Methods& methods);
void add_sync_methods(Methods& methods);
void add_history_methods(Methods& methods);
void add_content_methods(Methods& methods);
void add_watch_methods(Methods& methods);

// All of them.
Methods make_methods();

}  // namespace mikura
