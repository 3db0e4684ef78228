// The least that a role needs on a bucket, as statements of an AWS policy.
//
// Pure. docs/s3.md explains the roles and what the conditions are for; cli/cmd_policy.cc prints
// them as JSON. tests/e2e/test_roles.py proves them on a server that enforces policies.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/open_store.h"

namespace mikura {

enum class StoreRole { reader, writer, maintainer };

// One test of a condition block; all of a statement must hold.
struct PolicyCondition {
  std::string test;  // "StringLike", "Null"
  std::string key;   // "s3:prefix"
  std::string value;
};

struct PolicyStatement {
  std::string id;
  enum class Effect { allow, deny };
  Effect effect = Effect::allow;
  std::string action;
  std::vector<std::string> resources;
  std::vector<PolicyCondition> conditions;
};

// s3:if-match and s3:if-none-match are keys that AWS knows; other servers refuse a policy that has
// them.
enum class WriteConditions { demanded, not_known_here };

// Code::invalid for a store that is no bucket.
Result<std::vector<PolicyStatement>> policy_statements(const StoreUrl& url, StoreRole role,
                                                       WriteConditions conditions);

}  // namespace mikura
