#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "net/credential_fields.h"
#include "net/credential_sources.h"
#include "net/expiring_credentials.h"

namespace mikura {
namespace {

constexpr unsigned kAttempts = 3;
constexpr std::uint64_t kMaxFileBytes = 64 << 10;

class SsoCredentials final : public ExpiringCredentials {
 public:
  SsoCredentials(SsoSource source, std::unique_ptr<CredentialProvider> renewal,
                 const CredentialSetup& setup)
      : ExpiringCredentials(setup.the_clock()),
        source_(std::move(source)),
        renewal_(std::move(renewal)),
        client_(remote_service_options(setup.ca_bundle), kAttempts, setup.the_clock()) {}

  std::string describe() const override {
    return "the single sign-on '" + source_.session + "' of profile '" + source_.profile + "'";
  }

 protected:
  Result<Credentials> fetch(std::stop_token stop) override {
    auto token = read_token();
    auto found = token ? ask(*token, stop) : Result<Credentials>(std::move(token).error());
    if (found || !found.failed_with(Code::no_credentials) || renewal_ == nullptr) return found;
    // The AWS CLI can renew the token, where the session allows it.
    const auto renewed = renewal_->get(stop);
    if (renewed) return copy_of(**renewed);
    return renewed.failed_with(Code::cancelled) ? renewed.error() : std::move(found).error();
  }

 private:
  Error signed_out(std::string why) const {
    return Error(Code::no_credentials, std::move(why))
        .with_hint("Run `aws sso login --profile " + source_.profile + "`.");
  }

  Credentials copy_of(const Credentials& given) const {
    return {.access_key_id = given.access_key_id,
            .secret_access_key = SecretBytes(given.secret_access_key.expose()),
            .session_token = SecretBytes(given.session_token.expose()),
            .expires_unix_ms = given.expires_unix_ms,
            .source = given.source};
  }

  Result<SecretBytes> read_token() const {
    auto bytes = read_file(source_.token_file, kMaxFileBytes);
    if (bytes.failed_with(Code::not_found)) return signed_out("nobody has signed in");
    if (!bytes) return std::move(bytes).error();
    auto fields = JsonFields::parse(as_text(*bytes), source_.token_file);
    wipe(*bytes);
    if (!fields) return signed_out(fields.error().message());
    const auto token = fields->find("accessToken");
    const auto expires = parse_expiration_ms(fields->find("expiresAt").value_or(""));
    if (!token || !expires) return signed_out(source_.token_file + " holds no token");
    if (*expires <= clock().unix_ms()) return signed_out("the sign-in has expired");
    return SecretBytes(as_bytes(*token));
  }

  Result<Credentials> ask(const SecretBytes& token, std::stop_token stop) {
    const HttpRequest request{
        .method = "GET",
        .endpoint = source_.portal,
        .path = source_.portal.base_path + "/federation/credentials",
        .query = "account_id=" + uri_encode(source_.account_id, Slash::encode) +
                 "&role_name=" + uri_encode(source_.role_name, Slash::encode),
        .headers = {{"x-amz-sso_bearer_token", std::string(as_text(token.expose()))}},
        .max_response_bytes = kMaxFileBytes};
    TRY_ASSIGN(HttpResponse response, client_.send(request, std::move(stop)));
    const std::string server = source_.portal.host_and_port();
    if (response.status == 401) return signed_out(server + " does not accept the sign-in any more");
    if (response.status == 403 || response.status == 404 || response.status == 400) {
      return Error(Code::denied, server + " does not give the role " + source_.role_name +
                                     " of account " + source_.account_id +
                                     " to whoever signed in (" + std::to_string(response.status) +
                                     ")")
          .with_hint("check sso_account_id and sso_role_name, or ask for the permission set");
    }
    if (!response.ok())
      return Error(Code::transient, server + " answered " + std::to_string(response.status));
    const std::string what = "the answer of " + server;
    auto fields = JsonFields::parse(as_text(response.body), what);
    wipe(response.body);
    if (!fields) return std::move(fields).error();
    return credentials_in(*fields,
                          {.access_key_id = "roleCredentials.accessKeyId",
                           .secret_access_key = "roleCredentials.secretAccessKey",
                           .session_token = "roleCredentials.sessionToken",
                           .expiration = "roleCredentials.expiration"},
                          what, describe());
  }

  const SsoSource source_;
  const std::unique_ptr<CredentialProvider> renewal_;
  ServiceClient client_;
};

}  // namespace

std::unique_ptr<CredentialProvider> sso_credentials(SsoSource source,
                                                    std::unique_ptr<CredentialProvider> renewal,
                                                    const CredentialSetup& setup) {
  return std::make_unique<SsoCredentials>(std::move(source), std::move(renewal), setup);
}

}  // namespace mikura
