#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/options.h"
#include "store/s3_policy.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

struct PolicyWords {
  std::string role;
  std::string store;
  bool bucket_policy = false;
  std::string principal;
};

StoreRole role_named(const std::string& word) {
  if (word == "reader") return StoreRole::reader;
  return word == "writer" ? StoreRole::writer : StoreRole::maintainer;
}

// In the order in which people read a policy.
using OrderedJson = nlohmann::ordered_json;

OrderedJson to_policy_json(const PolicyStatement& statement, const std::string& principal) {
  OrderedJson json;
  json["Sid"] = statement.id;
  json["Effect"] = statement.effect == PolicyStatement::Effect::allow ? "Allow" : "Deny";
  if (!principal.empty()) json["Principal"] = {{"AWS", OrderedJson::array({principal})}};
  json["Action"] = OrderedJson::array({statement.action});
  json["Resource"] = statement.resources;
  for (const PolicyCondition& condition : statement.conditions)
    json["Condition"][condition.test][condition.key] = condition.value;
  return json;
}

Result<Exit> policy(Invocation& invocation, const PolicyWords& words) {
  if (words.bucket_policy && words.principal.empty()) {
    return Error(Code::invalid, "--bucket-policy needs --principal: whom the policy is for")
        .with_hint("For example --principal arn:aws:iam::123456789012:role/backup.");
  }
  if (!words.bucket_policy && !words.principal.empty()) {
    return Error(Code::invalid, "--principal goes with --bucket-policy")
        .with_hint("A policy for users, groups and roles holds for whoever it is attached to.");
  }
  TRY_ASSIGN(const std::string text, store_url_with(words.store, invocation.global));
  TRY_ASSIGN(const StoreUrl url, StoreUrl::parse(text));
  // Only AWS knows the keys of conditional writes.
  const auto conditions =
      url.endpoint.empty() ? WriteConditions::demanded : WriteConditions::not_known_here;
  TRY_ASSIGN(const auto statements, policy_statements(url, role_named(words.role), conditions));
  OrderedJson document = {{"Version", "2012-10-17"}, {"Statement", OrderedJson::array()}};
  for (const PolicyStatement& statement : statements)
    document["Statement"].push_back(to_policy_json(statement, words.principal));
  TRY(invocation.out.raw(as_bytes(document.dump(2) + "\n")));
  return Exit::done;
}

}  // namespace

void add_policy_verb(Parser& parser, Invocation& invocation) {
  const auto words = std::make_shared<PolicyWords>();
  parser.add("policy", "help.help", [&invocation, words] { return policy(invocation, *words); })
      .choice_argument("ROLE", words->role, "option.policy_role",
                       {"reader", "writer", "maintainer"})
      .required_argument("STORE", words->store, "option.store")
      .flag("--bucket-policy", words->bucket_policy, "option.bucket_policy")
      .option("--principal", words->principal, "option.principal", "ARN");
}

}  // namespace mikura
