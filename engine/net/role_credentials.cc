#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "crypto/hash.h"
#include "net/credential_fields.h"
#include "net/credential_sources.h"
#include "net/expiring_credentials.h"
#include "net/mfa_sessions.h"

namespace mikura {
namespace {

constexpr unsigned kAttempts = 3;
constexpr unsigned kCodes = 3;  // a person mistypes, or the code runs out meanwhile
// A session with less left is not worth taking.
constexpr std::int64_t kTooShortMs = 60'000;
constexpr std::int64_t kCodeServesMs = 60'000;
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

// What STS says to a code that is wrong, or that has served before.
bool is_refusal_of_code(const Error& error) {
  return error.code() == Code::denied &&
         error.message().find("MultiFactorAuthentication failed") != std::string::npos;
}

class RoleCredentials final : public ExpiringCredentials {
 public:
  RoleCredentials(RoleSource source, std::unique_ptr<CredentialProvider> base,
                  const CredentialSetup& setup)
      : ExpiringCredentials(setup.the_clock()),
        source_(std::move(source)),
        base_(std::move(base)),
        mfa_(setup.mfa),
        sessions_(setup.mfa_sessions),
        client_(remote_service_options(setup.ca_bundle), kAttempts, setup.the_clock()) {}

  std::string describe() const override {
    return "the role " + source_.role.arn + " of profile '" + source_.profile + "'";
  }

 protected:
  Result<Credentials> fetch(std::stop_token stop) override {
    if (source_.role.mfa_serial.empty()) return assume(SecretBytes(), stop);
    const auto begin = [&] { return begin_session(stop); };
    const MfaSessions::Wanted wanted{source_.profile + ' ' + cli_cache_file(source_),
                                     clock().unix_ms() + kTooShortMs, last_id_};
    auto session = sessions_ != nullptr ? sessions_->get(wanted, stop, begin) : begin();
    // Asked for again, it has been refused or is about to end: it is not taken from anywhere again.
    if (session) last_id_ = session->access_key_id;
    return session;
  }

 private:
  Result<Credentials> begin_session(const std::stop_token& stop) {
    if (auto cached = read_cli_cache()) return *std::move(cached);
    TRY(base(stop));  // nobody is asked for a code that nothing can be done with
    MfaRequest request{source_.profile, source_.role.arn, source_.role.mfa_serial};
    SecretBytes code = take_unused_code();
    for (unsigned left = kCodes;; --left) {
      if (code.empty()) {
        TRY_ASSIGN(code, mfa_code(request, stop));
      }
      auto session = assume(code, stop);
      if (session.failed_with(Code::transient)) keep_unused(std::move(code));
      if (session || left == 1 || !is_refusal_of_code(session.error())) return session;
      code = SecretBytes();
      request.retry = true;
    }
  }

  // The service could not be reached: whoever tries again soon need not ask the person again.
  void keep_unused(SecretBytes code) {
    unused_code_ = std::move(code);
    unused_until_unix_ms_ = clock().unix_ms() + kCodeServesMs;
  }
  SecretBytes take_unused_code() {
    SecretBytes code = std::move(unused_code_);
    unused_code_ = SecretBytes();
    return clock().unix_ms() < unused_until_unix_ms_ ? std::move(code) : SecretBytes();
  }

  Result<std::shared_ptr<const Credentials>> base(const std::stop_token& stop) {
    auto found = base_->get(stop);
    if (found) return found;
    return std::move(found).error().with_context("for " + describe() + ", from " +
                                                 base_->describe());
  }

  Result<Credentials> assume(const SecretBytes& code, const std::stop_token& stop) {
    for (bool again = true;; again = false) {
      TRY_ASSIGN(const auto voucher, base(stop));
      auto credentials =
          assume_role(client_, source_.place, source_.role, *voucher, code, clock(), stop);
      if (credentials || !credentials.failed_with(Code::no_credentials) || !again)
        return credentials;
      base_->discard(*voucher);  // the service does not know them any more
    }
  }

  Result<SecretBytes> mfa_code(const MfaRequest& request, const std::stop_token& stop) const {
    if (mfa_) return mfa_(request, stop);
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
    if (!credentials || credentials->access_key_id == last_id_ ||
        credentials->expires_unix_ms.value_or(0) < clock().unix_ms() + kTooShortMs) {
      return std::nullopt;
    }
    return *std::move(credentials);
  }

  const RoleSource source_;
  const std::unique_ptr<CredentialProvider> base_;
  const MfaPrompt mfa_;
  const std::shared_ptr<MfaSessions> sessions_;
  // Of fetch(), which one thread at a time calls.
  std::string last_id_;
  SecretBytes unused_code_;
  std::int64_t unused_until_unix_ms_ = 0;
  ServiceClient client_;
};

}  // namespace

std::unique_ptr<CredentialProvider> role_credentials(RoleSource source,
                                                     std::unique_ptr<CredentialProvider> base,
                                                     const CredentialSetup& setup) {
  return std::make_unique<RoleCredentials>(std::move(source), std::move(base), setup);
}

}  // namespace mikura
