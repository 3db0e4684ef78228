#include "net/credentials.h"

#include <utility>

#include "base/guarded.h"
#include "base/task_group.h"

namespace mikura {
namespace {

using SharedCredentials = std::shared_ptr<const Credentials>;

CredentialFinding serving(const CredentialProvider& source, const Credentials& found) {
  return {source.describe(), true, found.source + ", access key " + found.access_key_id,
          found.expires_unix_ms};
}

class CredentialChain final : public CredentialProvider {
 public:
  CredentialChain(std::vector<std::unique_ptr<CredentialProvider>> sources,
                  CredentialObserver observer)
      : sources_(std::move(sources)), observer_(std::move(observer)) {}

  Result<SharedCredentials> get(std::stop_token stop) override {
    CredentialProvider* const known =
        serving_.with([](CredentialProvider* source) { return source; });
    if (known != nullptr) {
      auto found = known->get(stop);
      if (found || !found.failed_with(Code::no_credentials)) return found;
    }
    return search(std::move(stop));
  }

  void discard(const Credentials& refused) override {
    for (const auto& source : sources_)
      source->discard(refused);
  }

  std::string describe() const override {
    std::string all;
    for (const auto& source : sources_)
      all += (all.empty() ? "" : ", then ") + source->describe();
    return all;
  }

 private:
  Result<SharedCredentials> search(std::stop_token stop) {
    CredentialReport report;
    for (const auto& source : sources_) {
      TRY(check_stop(stop));
      auto found = source->get(stop);
      if (found) {
        serving_.with([&](CredentialProvider*& serving_source) { serving_source = source.get(); });
        report.push_back(serving(*source, **found));
        if (observer_) observer_(report);
        return found;
      }
      if (found.failed_with(Code::cancelled)) return found;
      report.push_back({source->describe(), false, found.error().message(), std::nullopt});
      if (found.failed_with(Code::not_found)) break;
      if (!found.failed_with(Code::no_credentials)) {
        if (observer_) observer_(report);
        return std::move(found).error().with_context("credentials from " + source->describe());
      }
    }
    if (observer_) observer_(report);
    return nothing_found(report);
  }

  static Error nothing_found(const CredentialReport& report) {
    std::string looked_at;
    for (const CredentialFinding& finding : report)
      looked_at += (looked_at.empty() ? "" : "; ") + finding.place + ": " + finding.text;
    return Error(Code::no_credentials, "no credentials for S3 (" + looked_at + ")")
        .with_hint(
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`, or name a "
            "profile");
  }

  const std::vector<std::unique_ptr<CredentialProvider>> sources_;
  const CredentialObserver observer_;
  Guarded<CredentialProvider*> serving_{nullptr};
};

class FixedCredentials final : public CredentialProvider {
 public:
  explicit FixedCredentials(Credentials credentials)
      : credentials_(std::make_shared<const Credentials>(std::move(credentials))) {}

  Result<SharedCredentials> get(std::stop_token) override { return credentials_; }
  void discard(const Credentials&) override {}
  std::string describe() const override { return credentials_->source; }

 private:
  const SharedCredentials credentials_;
};

}  // namespace

std::unique_ptr<CredentialProvider> credential_chain(
    std::vector<std::unique_ptr<CredentialProvider>> sources, CredentialObserver observer) {
  return std::make_unique<CredentialChain>(std::move(sources), std::move(observer));
}

std::unique_ptr<CredentialProvider> fixed_credentials(Credentials credentials) {
  return std::make_unique<FixedCredentials>(std::move(credentials));
}

}  // namespace mikura
