// JSON-RPC 2.0: what a message is, and how answers look. Pure.
#pragma once

#include <string>
#include <variant>

#include "base/result.h"
#include "wire/json.h"

namespace mikura {

namespace rpc_code {
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kUnknownMethod = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternal = -32603;
inline constexpr int kCancelled = -32800;
inline constexpr int kEngine = -32001;  // data says what
inline constexpr int kNotInitialized = -32002;
}  // namespace rpc_code

// Why a request was not fulfilled, as its answer says it.
struct Failure {
  int code = rpc_code::kInternal;
  std::string message;
  Json data = nullptr;
};

struct IncomingMessage {
  enum class Kind { request, notification, response };
  Kind kind = Kind::notification;
  Json id;             // a string or an integer
  std::string method;  // of requests and notifications
  Json params = Json::object();
  // Of a response: the result, or that there was an error.
  Json result;
  bool failed = false;
};

// A message that is to be answered with a failure, whatever it is.
struct RefusedMessage {
  Json id = nullptr;
  Failure failure;
};

std::variant<IncomingMessage, RefusedMessage> understand_message(std::string_view text);

Json make_request(const Json& id, std::string_view method, Json params);
Json make_notification(std::string_view method, Json params);
Json make_result(const Json& id, Json result);
Json make_failure(const Json& id, const Failure& failure);

}  // namespace mikura
