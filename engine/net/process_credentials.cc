#include <utility>

#include "base/bytes.h"
#include "net/child_output.h"
#include "net/credential_fields.h"
#include "net/credential_sources.h"
#include "net/expiring_credentials.h"

namespace mikura {
namespace {

// A person may have to sign in meanwhile.
constexpr std::chrono::minutes kLimit{5};

class ProcessCredentials final : public ExpiringCredentials {
 public:
  ProcessCredentials(std::string command_line, std::string describe, Clock& clock)
      : ExpiringCredentials(clock),
        command_line_(std::move(command_line)),
        describe_(std::move(describe)) {}

  std::string describe() const override { return describe_; }

 protected:
  Result<Credentials> fetch(std::stop_token stop) override {
    TRY_ASSIGN(const auto words, split_command_line(command_line_));
    TRY_ASSIGN(const SecretBytes output, output_of_program(words, kLimit, stop));
    const std::string what = "the output of " + words[0];
    TRY_ASSIGN(const JsonFields fields, JsonFields::parse(as_text(output.expose()), what));
    if (fields.find("Version").value_or("") != "1")
      return Error(Code::invalid, what + " has not Version 1, the only one that is known");
    return credentials_in(fields, {}, what, describe_);
  }

 private:
  const std::string command_line_;
  const std::string describe_;
};

// In single quotes, for split_command_line.
std::string quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word)
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::unique_ptr<CredentialProvider> process_credentials(std::string command_line,
                                                        std::string describe, Clock& clock) {
  return std::make_unique<ProcessCredentials>(std::move(command_line), std::move(describe), clock);
}

std::unique_ptr<CredentialProvider> cli_credentials(std::string profile, Clock& clock) {
  return process_credentials(
      "aws configure export-credentials --format process --profile " + quoted(profile),
      "the AWS command line for profile '" + profile + "'", clock);
}

}  // namespace mikura
