#include "store/s3_policy.h"

#include <utility>

#include "store/s3_address.h"

namespace mikura {
namespace {

using Effect = PolicyStatement::Effect;

std::string partition(const std::string& region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

// A prefix is meant literally: in a policy '*' and '?' are wildcards and '$' begins a variable.
std::string literal(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '$')
      out += std::string("${") + c + "}";
    else
      out += c;
  }
  return out;
}

class Policy {
 public:
  explicit Policy(const StoreUrl& url)
      : bucket_("arn:" + partition(url.region) + ":s3:::" + url.bucket),
        prefix_(url.prefix.empty() ? "" : literal(url.prefix) + "/") {}

  std::vector<PolicyStatement> statements;

  void allow_listing() {
    PolicyStatement list{"List", Effect::allow, "s3:ListBucket", {bucket_}, {}};
    if (!prefix_.empty()) list.conditions.push_back({"StringLike", "s3:prefix", prefix_ + "*"});
    statements.push_back(std::move(list));
  }

  void allow(std::string id, std::string action) {
    statements.push_back({std::move(id), Effect::allow, std::move(action), {object("*")}, {}});
  }

  // Objects that are made once and never written again.
  void deny_overwriting(std::vector<std::string> names) {
    PolicyStatement deny{"MakeOnce", Effect::deny, "s3:PutObject", {}, {}};
    for (const std::string& name : names)
      deny.resources.push_back(object(name));
    deny.conditions = {{"Null", "s3:if-none-match", "true"}};
    statements.push_back(std::move(deny));
  }

  // Objects that are replaced only by who has seen what is replaced.
  void deny_blind_swaps(std::vector<std::string> names) {
    PolicyStatement deny{"SwapOnly", Effect::deny, "s3:PutObject", {}, {}};
    for (const std::string& name : names)
      deny.resources.push_back(object(name));
    deny.conditions = {{"Null", "s3:if-match", "true"}, {"Null", "s3:if-none-match", "true"}};
    statements.push_back(std::move(deny));
  }

 private:
  std::string object(const std::string& name) const { return bucket_ + "/" + prefix_ + name; }

  const std::string bucket_;
  const std::string prefix_;
};

}  // namespace

Result<std::vector<PolicyStatement>> policy_statements(const StoreUrl& url, StoreRole role,
                                                       WriteConditions conditions) {
  if (url.scheme != StoreUrl::Scheme::s3) {
    return Error(Code::invalid, "a policy is for a bucket, and " + url.to_string() + " is a folder")
        .with_hint("Name the store as s3://bucket/prefix. A folder has the permissions of files.");
  }
  TRY(S3Address::make(url, {}));
  Policy policy(url);
  policy.allow_listing();
  policy.allow("Read", "s3:GetObject");
  if (role == StoreRole::reader) return std::move(policy.statements);
  policy.allow("Write", "s3:PutObject");
  if (role == StoreRole::maintainer) policy.allow("Remove", "s3:DeleteObject");
  if (conditions == WriteConditions::not_known_here) return std::move(policy.statements);
  if (role == StoreRole::writer) {
    policy.deny_overwriting({"repository", "keys/*", "indexes/*"});
    policy.deny_blind_swaps({"HEAD"});
  } else {
    policy.deny_overwriting({"indexes/*"});
    policy.deny_blind_swaps({"HEAD", "repository", "keys/*"});
  }
  return std::move(policy.statements);
}

}  // namespace mikura
