// JsonFields: the texts and numbers of a JSON object, by dotted name
// ("roleCredentials.accessKeyId").
//
// For the small documents in which programs and services hand out credentials. Parsing is pure, of
// untrusted bytes: at most 64 KiB, 8 levels, 256 members; arrays are skipped, and of two members of
// one name the first counts. Values may be secrets: they live in wiping memory and are in no error.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/secret_key.h"

namespace mikura {

class JsonFields {
 public:
  // Code::invalid if the text is no JSON object, or too large. `what` is for the message: "the
  // output of the credential process".
  static Result<JsonFields> parse(std::string_view text, const std::string& what);

  // nullopt if there is none, it is empty, or it is neither text nor a number.
  std::optional<std::string_view> find(const std::string& name) const;

 private:
  std::map<std::string, SecretBytes> values_;
};

}  // namespace mikura
