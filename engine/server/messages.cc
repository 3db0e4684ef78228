#include "server/messages.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxIdBytes = 256;
constexpr std::size_t kMaxMethodBytes = 256;

bool is_id(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().size() <= kMaxIdBytes;
  return value.is_number_integer();
}

RefusedMessage refused(const Json& id, int code, std::string why) {
  return {is_id(id) ? id : Json(nullptr), {code, std::move(why), nullptr}};
}

std::variant<IncomingMessage, RefusedMessage> understand_call(Json document, const Json& id) {
  IncomingMessage message;
  const Json& method = document["method"];
  if (!method.is_string() || method.get_ref<const std::string&>().size() > kMaxMethodBytes)
    return refused(id, rpc_code::kInvalidRequest, "the method is no name");
  message.method = method.get<std::string>();
  if (!id.is_discarded()) {
    if (!is_id(id)) return refused(nullptr, rpc_code::kInvalidRequest, "the id is no id");
    message.kind = IncomingMessage::Kind::request;
    message.id = id;
  }
  const auto params = document.find("params");
  if (params != document.end() && !params->is_null()) {
    if (!params->is_object())
      return refused(id, rpc_code::kInvalidParams, "parameters are given by name");
    message.params = std::move(*params);
  }
  return message;
}

}  // namespace

std::variant<IncomingMessage, RefusedMessage> understand_message(std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed) return refused(nullptr, rpc_code::kParseError, parsed.error().message());
  Json& document = *parsed;
  if (document.is_array())
    return refused(nullptr, rpc_code::kInvalidRequest, "batches are not supported");
  if (!document.is_object())
    return refused(nullptr, rpc_code::kInvalidRequest, "a message is an object");
  const auto found = document.find("id");
  const Json id = found != document.end() ? *found : Json(Json::value_t::discarded);
  const auto version = document.find("jsonrpc");
  if (version == document.end() || *version != "2.0")
    return refused(id, rpc_code::kInvalidRequest, "jsonrpc is not 2.0");
  if (document.contains("method")) return understand_call(std::move(document), id);

  const auto result = document.find("result");
  const bool failed = document.contains("error");
  if (!is_id(id) || (result == document.end()) != failed)
    return refused(id, rpc_code::kInvalidRequest, "that is neither a call nor an answer");
  IncomingMessage message;
  message.kind = IncomingMessage::Kind::response;
  message.id = id;
  message.failed = failed;
  if (!failed) message.result = std::move(*result);
  return message;
}

Json make_request(const Json& id, std::string_view method, Json params) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
}

Json make_notification(std::string_view method, Json params) {
  return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
}

Json make_result(const Json& id, Json result) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

Json make_failure(const Json& id, const Failure& failure) {
  Json error = {{"code", failure.code}, {"message", failure.message}};
  if (!failure.data.is_null()) error["data"] = failure.data;
  return {{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(error)}};
}

}  // namespace mikura
