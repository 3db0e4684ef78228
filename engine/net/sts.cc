#include "net/sts.h"

#include <initializer_list>
#include <pugixml.hpp>
#include <utility>

#include "net/credential_fields.h"
#include "net/s3_xml.h"
#include "net/sigv4.h"

namespace mikura {
namespace {

constexpr std::uint64_t kMaxAnswerBytes = 64 << 10;

// A form whose values may be secret: grows without leaving copies behind, and is wiped.
class Form {
 public:
  explicit Form(std::size_t capacity) { body_.reserve(capacity); }
  Form(const Form&) = delete;
  Form& operator=(const Form&) = delete;
  ~Form() { wipe(body_); }

  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (!body_.empty()) append(body_, as_bytes("&"));
    append(body_, as_bytes(name));
    append(body_, as_bytes("="));
    std::string encoded = uri_encode(value, Slash::encode);
    append(body_, as_bytes(encoded));
    wipe(std::as_writable_bytes(std::span(encoded)));
  }
  ByteSpan body() const { return body_; }

 private:
  Bytes body_;
};

void add_role(Form& form, const std::string& action, const RoleRequest& role, Clock& clock) {
  form.add("Action", action);
  form.add("Version", "2011-06-15");
  form.add("RoleArn", role.arn);
  form.add("RoleSessionName", role.session_name.empty()
                                  ? "mikura-" + std::to_string(clock.unix_ms() / 1000)
                                  : role.session_name);
  form.add("DurationSeconds", role.duration_seconds);
}

HttpRequest post(const StsPlace& place, const Form& form) {
  return {.method = "POST",
          .endpoint = place.endpoint,
          .path = place.endpoint.base_path + "/",
          .headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}},
          .body = form.body(),
          .max_response_bytes = kMaxAnswerBytes};
}

Code code_of(const std::string& sts_code, int status) {
  for (const std::string_view code :
       {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "IDPCommunicationError"}) {
    if (sts_code == code)
      return code == "IDPCommunicationError" ? Code::transient : Code::no_credentials;
  }
  if (status == 429 || status >= 500) return Code::transient;
  return status == 403 || status == 401 || status == 400 ? Code::denied : Code::invalid;
}

Error refusal(const HttpResponse& response, const std::string& action, const StsPlace& place,
              const RoleRequest& role) {
  const auto document = parse_error_document(as_text(response.body)).value_or(S3ErrorDocument());
  std::string text = place.endpoint.host_and_port() + " does not give credentials for the role " +
                     role.arn + " (" + std::to_string(response.status) + " " + document.code;
  if (!document.message.empty()) text += ": " + document.message;
  Error error(code_of(document.code, response.status), text + ")");
  if (error.code() != Code::denied) return error;
  return std::move(error).with_hint(
      "the role must trust the caller, and the caller needs sts:" + action + " on " + role.arn);
}

Result<Credentials> answer_of(Result<HttpResponse> response, const std::string& action,
                              const StsPlace& place, const RoleRequest& role) {
  if (!response) return std::move(response).error();
  if (!response->ok()) return refusal(*response, action, place, role);
  return parse_sts_answer(response->body, action, "the role " + role.arn);
}

}  // namespace

Result<Credentials> assume_role(ServiceClient& client, const StsPlace& place,
                                const RoleRequest& role, const Credentials& base,
                                const SecretBytes& mfa_code, Clock& clock, std::stop_token stop) {
  Form form(4096);
  add_role(form, "AssumeRole", role, clock);
  form.add("ExternalId", role.external_id);
  if (!mfa_code.empty()) {
    form.add("SerialNumber", role.mfa_serial);
    form.add("TokenCode", as_text(mfa_code.expose()));
  }
  HttpRequest request = post(place, form);
  Signer("sts").sign(request, base, place.region, clock.unix_ms() / 1000);
  return answer_of(client.send(request, std::move(stop)), "AssumeRole", place, role);
}

Result<Credentials> assume_role_with_web_identity(ServiceClient& client, const StsPlace& place,
                                                  const RoleRequest& role, const SecretBytes& token,
                                                  Clock& clock, std::stop_token stop) {
  Form form(4096 + 3 * token.expose().size());
  add_role(form, "AssumeRoleWithWebIdentity", role, clock);
  form.add("WebIdentityToken", as_text(token.expose()));
  return answer_of(client.send(post(place, form), std::move(stop)), "AssumeRoleWithWebIdentity",
                   place, role);
}

Result<Credentials> parse_sts_answer(Bytes& xml, const std::string& action, std::string source) {
  const std::string what = "the answer to " + action;
  if (xml.size() > kMaxAnswerBytes) return Error(Code::invalid, what + " is too long");
  auto credentials = [&]() -> Result<Credentials> {
    // In place, so that the only copy of the secrets is the buffer that is wiped.
    pugi::xml_document document;
    if (!document.load_buffer_inplace(xml.data(), xml.size(),
                                      pugi::parse_minimal | pugi::parse_escapes,
                                      pugi::encoding_utf8)) {
      return Error(Code::invalid, what + " is not well-formed XML");
    }
    const pugi::xml_node node = document.child((action + "Response").c_str())
                                    .child((action + "Result").c_str())
                                    .child("Credentials");
    const auto text = [&](const char* name) {
      return std::string_view(node.child(name).text().get());
    };
    return make_credentials({.access_key_id = text("AccessKeyId"),
                             .secret_access_key = text("SecretAccessKey"),
                             .session_token = text("SessionToken"),
                             .expiration = text("Expiration")},
                            what, std::move(source));
  }();
  wipe(xml);
  return credentials;
}

}  // namespace mikura
