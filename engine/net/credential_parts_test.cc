// The small parts of the credential sources: JSON, times, command lines, programs, STS's XML.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/bytes.h"
#include "net/child_output.h"
#include "net/credential_fields.h"
#include "net/json_fields.h"
#include "net/sts.h"
#include "net/timestamp.h"

namespace mikura {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(JsonFields, HoldTextsAndNumbersByDottedName) {
  const auto fields = JsonFields::parse(
      R"({"a":"x","n":12,"o":{"p":{"q":"deep"}},"list":["no",{"a":"no"}],"b":true,"z":null,"a":"second"})",
      "it");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->find("a"), "x");
  EXPECT_EQ(fields->find("n"), "12");
  EXPECT_EQ(fields->find("o.p.q"), "deep");
  for (const char* absent : {"list", "b", "z", "o", "q", ""})
    EXPECT_FALSE(fields->find(absent)) << absent;
}

TEST(JsonFields, RefuseWhatIsNoObjectOrTooMuch) {
  std::string many = "{";
  for (int i = 0; i < 300; ++i)
    many += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("\"secret\""), std::string("12"),
        std::string(R"({"a":"secret)"), std::string(R"({"a":1} x)"), std::string(100, '['),
        std::string(R"({"a":)") + std::string(7, '[') + "{" + "}" + std::string(7, ']') + "}",
        many + "}", "{\"a\":\"" + std::string(70'000, 'x') + "\"}",
        std::string("{\"a\":\"\xff\"}")}) {
    const auto fields = JsonFields::parse(text, "the output");
    ASSERT_TRUE(fields.failed_with(Code::invalid)) << text.substr(0, 100);
    EXPECT_THAT(fields.error().message(), Not(HasSubstr("secret")));
  }
}

TEST(CredentialFields, ExpirationsAreReadInEveryFormThatAwsToolsWrite) {
  const auto expected = parse_iso8601_ms("2026-02-21T10:00:00Z");
  for (const char* text :
       {"2026-02-21T10:00:00Z", "2026-02-21T10:00:00.000Z", "2026-02-21T10:00:00UTC",
        "2026-02-21T10:00:00+00:00", "2026-02-21T12:30:00+02:30", "2026-02-21T05:00:00-05:00",
        "1771668000000"}) {
    EXPECT_EQ(parse_expiration_ms(text), expected) << text;
  }
  for (const char* text : {"", "tomorrow", "2026-02-21", "2026-02-21T10:00:00",
                           "2026-02-21T10:00:00+0000", "+00:00", "UTC", "12x"}) {
    EXPECT_FALSE(parse_expiration_ms(text)) << text;
  }
}

TEST(CredentialFields, WhatCouldNotStandInAHeaderIsRefusedAndNotRepeated) {
  for (const auto& texts :
       {CredentialTexts{"id", "the secret", "", ""}, CredentialTexts{"id", "", "", ""},
        CredentialTexts{"", "secret", "", ""}, CredentialTexts{"id", "secret", "a\r\nb", ""},
        CredentialTexts{"id", "secret", "", "soon"}}) {
    const auto made = make_credentials(texts, "the answer", "x");
    ASSERT_TRUE(made.failed_with(Code::invalid));
    EXPECT_THAT(made.error().message(), Not(HasSubstr("secret")));
  }
}

TEST(CommandLine, IsSplitAsAShellDoes) {
  const auto split = [](const char* line) { return *split_command_line(line); };
  EXPECT_THAT(split("  a bc\td "), ElementsAre("a", "bc", "d"));
  EXPECT_THAT(split(R"(a 'b c' "d e"f '' "")"), ElementsAre("a", "b c", "d ef", "", ""));
  EXPECT_THAT(split(R"(a\ b "c\"d\\" 'e\f' "g\h")"), ElementsAre("a b", "c\"d\\", "e\\f", "g\\h"));
  EXPECT_THAT(split("a $HOME *;b|c"), ElementsAre("a", "$HOME", "*;b|c"));
  EXPECT_TRUE(split("").empty());
  EXPECT_TRUE(split_command_line("a 'b").failed_with(Code::invalid));
}

Result<SecretBytes> run(const char* script,
                        std::chrono::milliseconds limit = std::chrono::seconds(20),
                        const std::stop_token& stop = {}) {
  return output_of_program({"sh", "-c", script}, limit, stop);
}

TEST(Program, ItsOutputIsRead) {
  const auto output = run("printf 'a\\nb'; cat; echo 'not this' >&2");
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(as_text(output->expose()), "a\nb");
}

TEST(Program, ThatFailsIsNamedButItsOutputIsNot) {
  const auto output = run("echo secret; exit 3");
  ASSERT_TRUE(output.failed_with(Code::no_credentials));
  EXPECT_EQ(output.error().message(), "sh ended with 3");
  EXPECT_TRUE(output_of_program({"no-such-program-here"}, std::chrono::seconds(5), {})
                  .failed_with(Code::no_credentials));
}

TEST(Program, ThatPrintsTooMuchOrTakesTooLongOrIsStoppedIsEnded) {
  EXPECT_TRUE(run("yes").failed_with(Code::invalid));
  EXPECT_TRUE(run("exec sleep 60", std::chrono::milliseconds(100)).failed_with(Code::transient));
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_TRUE(run("exec sleep 60", std::chrono::seconds(60), stop.get_token())
                  .failed_with(Code::cancelled));
}

constexpr std::string_view kAssumed = R"(<?xml version="1.0"?>
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>a/b+c&amp;</SecretAccessKey><SessionToken>tok==</SessionToken>
<Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>)";

TEST(StsAnswer, HoldsCredentialsAndIsWiped) {
  Bytes xml = to_bytes(kAssumed);
  const auto found = parse_sts_answer(xml, "AssumeRole", "x");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->access_key_id, "ASIA1");
  EXPECT_EQ(as_text(found->secret_access_key.expose()), "a/b+c&");
  EXPECT_EQ(as_text(found->session_token.expose()), "tok==");
  EXPECT_EQ(found->expires_unix_ms, parse_iso8601_ms("2026-01-01T01:00:00Z"));
  EXPECT_EQ(xml, Bytes(xml.size()));
}

TEST(StsAnswer, OfAnotherKindIsRefused) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("<a>"), std::string_view("{}"),
        kAssumed.substr(0, kAssumed.size() - 5)}) {
    Bytes xml = to_bytes(text);
    EXPECT_TRUE(parse_sts_answer(xml, "AssumeRole", "x").failed_with(Code::invalid)) << text;
  }
  Bytes other = to_bytes(kAssumed);
  EXPECT_TRUE(parse_sts_answer(other, "AssumeRoleWithWebIdentity", "x").failed_with(Code::invalid));
}

}  // namespace
}  // namespace mikura
