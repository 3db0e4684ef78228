// What the tests of the sources of credentials share: a home folder, variables, a clock that stands
// until it is moved, and services on loopback.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "net/credential_sources.h"
#include "net/timestamp.h"
#include "testing/http_server.h"
#include "testing/temp_folder.h"

namespace mikura {

using Variables = std::map<std::string, std::string>;

inline AwsEnvironment environment_of(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

inline std::string text_of(const SecretBytes& secret) {
  return std::string(as_text(secret.expose()));
}

// Sleeping moves it on.
class StandingClock final : public Clock {
 public:
  std::int64_t unix_ns() override { return now_ms_.load() * 1'000'000; }
  std::chrono::nanoseconds monotonic() override {
    return std::chrono::milliseconds(now_ms_.load());
  }
  bool sleep_for(std::chrono::nanoseconds duration, std::stop_token stop) override {
    move(std::chrono::duration_cast<std::chrono::milliseconds>(duration));
    return !stop.stop_requested();
  }
  void move(std::chrono::milliseconds by) { now_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ms_ = 1'767'225'600'000;  // 2026-01-01
};

// A service that records what it is asked.
class RecordingService {
 public:
  explicit RecordingService(HttpServer::Handler handler)
      : server_([this, handler = std::move(handler)](const ServedRequest& request) {
          requests_.with([&](auto& requests) { requests.push_back(request); });
          return handler(request);
        }) {}

  std::string endpoint() const { return server_.endpoint(); }
  std::vector<ServedRequest> requests() const {
    return requests_.with([](const auto& requests) { return requests; });
  }
  ServedRequest last() const { return requests().back(); }

 private:
  Guarded<std::vector<ServedRequest>> requests_;
  HttpServer server_;  // last: its threads use the rest
};

inline ServedResponse answer(std::string body, int status = 200) {
  ServedResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

class CredentialsWorld : public testing::Test {
 protected:
  void config(std::string_view text) { write_text(folder_ / ".aws/config", text); }
  void credentials(std::string_view text) { write_text(folder_ / ".aws/credentials", text); }
  std::string home() const { return folder_.path(); }
  // An hour from now by the standing clock.
  std::string in_an_hour() { return format_iso8601_ms(clock_.unix_ms() + 3'600'000); }

  CredentialSetup setup(Variables variables, const std::string& explicit_profile = "") {
    variables.emplace("HOME", folder_.path());
    variables.emplace("AWS_EC2_METADATA_DISABLED", "true");
    CredentialSetup setup;
    setup.environment = environment_of(std::move(variables));
    setup.profile = explicit_profile;
    setup.mfa = mfa_;
    setup.mfa_sessions = mfa_sessions_;
    setup.clock = &clock_;
    setup.observer = [this](const CredentialReport& report) { report_ = report; };
    return setup;
  }
  std::unique_ptr<CredentialProvider> chain(Variables variables,
                                            const std::string& explicit_profile = "") {
    return default_credentials(setup(std::move(variables), explicit_profile));
  }
  // "id/secret/token", or the error's code and message.
  static std::string describe(CredentialProvider& provider) {
    const auto found = provider.get({});
    if (!found)
      return std::string(code_name(found.error().code())) + ": " + found.error().message();
    return (*found)->access_key_id + "/" + text_of((*found)->secret_access_key) + "/" +
           text_of((*found)->session_token);
  }
  std::string find(Variables variables, const std::string& explicit_profile = "") {
    return describe(*chain(std::move(variables), explicit_profile));
  }

  StandingClock clock_;
  MfaPrompt mfa_;
  std::shared_ptr<MfaSessions> mfa_sessions_;
  CredentialReport report_;

 private:
  TempFolder folder_;
};

}  // namespace mikura
