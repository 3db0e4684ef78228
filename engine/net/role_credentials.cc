#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "crypto/hash.h"
#include "net/credential_fields.h"
#include "net/credential_sources.h"
#include "net/expiring_credentials.h"

namespace mikura {
namespace {

constexpr unsigned kAttempts = 3;
constexpr std::uint64_t kMaxCacheBytes = 64 << 10;

// As Python's json.dumps writes a text of printable ASCII.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// Where the AWS CLI keeps the session that it got for this role: named by the SHA-1 of the
// request's parameters, as JSON.
std::string cli_cache_file(const RoleSource& source) {
  const RoleRequest& role = source.role;
  std::string json;
  const auto add = [&json](const std::string& name, const std::string& value) {
    json += (json.empty() ? "\"" : ", \"") + name + "\": " + value;
  };
  if (!role.duration_seconds.empty()) add("DurationSeconds", role.duration_seconds);
  if (!role.external_id.empty()) add("ExternalId", quoted(role.external_id));
  add("RoleArn", quoted(role.arn));
  if (!role.session_name.empty()) add("RoleSessionName", quoted(role.session_name));
  if (!role.mfa_serial.empty()) add("SerialNumber", quoted(role.mfa_serial));
  return source.cli_cache + "/" + sha1_hex_for_file_name(as_bytes("{" + json + "}")) + ".json";
}

class RoleCredentials final : public ExpiringCredentials {
 public:
  RoleCredentials(RoleSource source, std::unique_ptr<CredentialProvider> base,
                  const CredentialSetup& setup)
      : ExpiringCredentials(setup.the_clock()),
        source_(std::move(source)),
        base_(std::move(base)),
        mfa_(setup.mfa),
        client_(remote_service_options(setup.ca_bundle), kAttempts, setup.the_clock()) {}

  std::string describe() const override {
    return "the role " + source_.role.arn + " of profile '" + source_.profile + "'";
  }

 protected:
  Result<Credentials> fetch(std::stop_token stop) override {
    if (!source_.role.mfa_serial.empty()) {
      if (auto cached = read_cli_cache()) return *std::move(cached);
    }
    TRY_ASSIGN(const SecretBytes code, mfa_code(stop));
    for (bool again = true;; again = false) {
      auto base = base_->get(stop);
      if (!base) {
        return std::move(base).error().with_context("for " + describe() + ", from " +
                                                    base_->describe());
      }
      auto credentials =
          assume_role(client_, source_.place, source_.role, **base, code, clock(), stop);
      if (credentials || !credentials.failed_with(Code::no_credentials) || !again)
        return credentials;
      base_->discard(**base);  // the service does not know them any more
    }
  }

 private:
  Result<SecretBytes> mfa_code(const std::stop_token& stop) const {
    if (source_.role.mfa_serial.empty()) return SecretBytes();
    if (mfa_) return mfa_({source_.profile, source_.role.arn, source_.role.mfa_serial}, stop);
    return Error(Code::no_credentials, describe() + " asks for a code of the MFA device " +
                                           source_.role.mfa_serial + ", and there is nobody to ask")
        .with_hint("Run the command at a terminal, or `aws sts get-caller-identity --profile " +
                   source_.profile + "` first: its session is used while it lasts.");
  }

  std::optional<Credentials> read_cli_cache() const {
    if (source_.cli_cache.empty()) return std::nullopt;
    auto bytes = read_file(cli_cache_file(source_), kMaxCacheBytes);
    if (!bytes) return std::nullopt;
    auto fields = JsonFields::parse(as_text(*bytes), "the cache of the AWS CLI");
    wipe(*bytes);
    if (!fields) return std::nullopt;
    auto credentials = credentials_in(*fields,
                                      {.access_key_id = "Credentials.AccessKeyId",
                                       .secret_access_key = "Credentials.SecretAccessKey",
                                       .session_token = "Credentials.SessionToken",
                                       .expiration = "Credentials.Expiration"},
                                      "the cache of the AWS CLI", describe());
    if (!credentials || credentials->expires_unix_ms.value_or(0) < clock().unix_ms() + 60'000)
      return std::nullopt;
    return *std::move(credentials);
  }

  const RoleSource source_;
  const std::unique_ptr<CredentialProvider> base_;
  const MfaPrompt mfa_;
  ServiceClient client_;
};

}  // namespace

std::unique_ptr<CredentialProvider> role_credentials(RoleSource source,
                                                     std::unique_ptr<CredentialProvider> base,
                                                     const CredentialSetup& setup) {
  return std::make_unique<RoleCredentials>(std::move(source), std::move(base), setup);
}

}  // namespace mikura
