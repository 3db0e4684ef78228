#include <atomic>
#include <utility>

#include "base/bytes.h"
#include "net/credential_fields.h"
#include "net/credential_sources.h"
#include "net/expiring_credentials.h"

namespace mikura {
namespace {

constexpr unsigned kAttempts = 1;  // no such service is the rule, not the exception
constexpr std::chrono::seconds kTimeout{1};
constexpr std::string_view kRolesPath = "/latest/meta-data/iam/security-credentials/";
constexpr std::uint64_t kMaxAnswerBytes = 64 << 10;

Error none(std::string why) {
  return {Code::no_credentials, std::move(why)};
}

class Ec2Credentials final : public ExpiringCredentials {
 public:
  explicit Ec2Credentials(const CredentialSetup& setup)
      : ExpiringCredentials(setup.the_clock()),
        environment_(setup.environment),
        client_(local_service_options(kTimeout), kAttempts, setup.the_clock()) {}

  std::string describe() const override { return "the EC2 metadata service"; }

 protected:
  Result<Credentials> fetch(std::stop_token stop) override {
    const auto disabled = non_empty(environment_, "AWS_EC2_METADATA_DISABLED");
    if (disabled == "true" || disabled == "TRUE" || disabled == "True")
      return none("AWS_EC2_METADATA_DISABLED is set");
    TRY_ASSIGN(const Endpoint endpoint, service());
    TRY_ASSIGN(const std::string token, session_token(endpoint, stop));
    TRY_ASSIGN(const HttpResponse roles, ask(endpoint, std::string(kRolesPath), token, stop));
    if (roles.status == 404) return none("this machine has no role");
    if (!roles.ok()) return unexpected(roles);
    std::string role(as_text(roles.body));
    role = role.substr(0, role.find_first_of("\r\n"));
    if (role.empty() || role.size() > 128) return none("this machine has no role");
    TRY_ASSIGN(
        HttpResponse document,
        ask(endpoint, std::string(kRolesPath) + uri_encode(role, Slash::encode), token, stop));
    if (!document.ok()) return unexpected(document);
    return read(document, role);
  }

 private:
  Result<Endpoint> service() const {
    if (const auto named = non_empty(environment_, "AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
      auto endpoint = Endpoint::parse(*named);
      if (endpoint) return endpoint;
      return std::move(endpoint).error().with_context("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    }
    const auto mode = non_empty(environment_, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    const bool v6 = mode == "IPv6" || mode == "ipv6" || mode == "IPV6";
    return Endpoint::parse(v6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254");
  }

  // A machine that has served once is on EC2: then silence is a fault that may pass.
  Error nobody_there(Error error) const {
    if (has_served_ || error.code() != Code::transient) return error;
    return none("no such service answers (" + error.message() + ")");
  }

  Result<std::string> session_token(const Endpoint& endpoint, const std::stop_token& stop) {
    const HttpRequest request{.method = "PUT",
                              .endpoint = endpoint,
                              .path = endpoint.base_path + "/latest/api/token",
                              .headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}},
                              .max_response_bytes = kMaxAnswerBytes};
    auto response = client_.send(request, stop);
    if (!response) return nobody_there(std::move(response).error());
    if (!response->ok()) return unexpected(*response);
    return std::string(as_text(response->body));
  }

  Result<HttpResponse> ask(const Endpoint& endpoint, const std::string& path,
                           const std::string& token, const std::stop_token& stop) {
    const HttpRequest request{.method = "GET",
                              .endpoint = endpoint,
                              .path = endpoint.base_path + path,
                              .headers = {{"x-aws-ec2-metadata-token", token}},
                              .max_response_bytes = kMaxAnswerBytes};
    auto response = client_.send(request, stop);
    if (!response) return nobody_there(std::move(response).error());
    return response;
  }

  Error unexpected(const HttpResponse& response) const {
    if (response.status == 429 || response.status >= 500) {
      Error error(Code::transient, "it answered " + std::to_string(response.status));
      return nobody_there(std::move(error));
    }
    return none("it answered " + std::to_string(response.status));
  }

  Result<Credentials> read(HttpResponse& document, const std::string& role) {
    const std::string what = "the EC2 metadata of the role " + role;
    auto fields = JsonFields::parse(as_text(document.body), what);
    wipe(document.body);
    if (!fields) return std::move(fields).error();
    const auto code = fields->find("Code");
    if (code && *code != "Success")
      return none("it has no credentials for the role " + role + ": " + std::string(*code));
    auto credentials = credentials_in(*fields, {.session_token = "Token"}, what,
                                      "the role " + role + " of this EC2 instance");
    has_served_ = has_served_ || credentials.has_value();
    return credentials;
  }

  const AwsEnvironment environment_;
  ServiceClient client_;
  std::atomic<bool> has_served_ = false;
};

}  // namespace

std::unique_ptr<CredentialProvider> ec2_credentials(const CredentialSetup& setup) {
  return std::make_unique<Ec2Credentials>(setup);
}

}  // namespace mikura
