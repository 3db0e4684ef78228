// From the documents in which programs and services hand out credentials to Credentials.
//
// Pure functions of untrusted bytes. A value that could not stand in a header is refused, and is in
// no error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/credentials.h"
#include "net/json_fields.h"

namespace mikura {

// A point in time as AWS tools write it: "2026-02-21T10:00:00Z", with a fraction, "+00:00", "UTC",
// or in milliseconds since 1970. nullopt for anything else.
std::optional<std::int64_t> parse_expiration_ms(std::string_view text);

// The members' names, which differ from service to service.
struct CredentialNames {
  std::string access_key_id = "AccessKeyId";
  std::string secret_access_key = "SecretAccessKey";
  std::string session_token = "SessionToken";
  std::string expiration = "Expiration";
};

// The parts as text, borrowed; empty: there is none.
struct CredentialTexts {
  std::string_view access_key_id;
  std::string_view secret_access_key;
  std::string_view session_token;
  std::string_view expiration;
};

// Code::invalid, with what is wrong, in the words of `what`: "the output of the program".
Result<Credentials> make_credentials(const CredentialTexts& texts, const std::string& what,
                                     std::string source);
Result<Credentials> credentials_in(const JsonFields& fields, const CredentialNames& names,
                                   const std::string& what, std::string source);

}  // namespace mikura
