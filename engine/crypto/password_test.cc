#include "crypto/password.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "crypto/vectors_test_support.h"

namespace mikura {
namespace {

PasswordParameters cheapest() {
  return {.memory_kib = 64 * 1024, .passes = 1, .salt = {}};
}

Code refusal(const PasswordParameters& parameters) {
  const auto checked = check_password_parameters(parameters);
  return checked ? Code::internal : checked.error().code();
}

TEST(PasswordParameters, TheDefaultsAndTheLimitsAreAccepted) {
  EXPECT_TRUE(check_password_parameters(PasswordParameters{}));
  EXPECT_TRUE(check_password_parameters(cheapest()));
  EXPECT_TRUE(check_password_parameters({.memory_kib = 1024 * 1024, .passes = 10, .salt = {}}));
}

TEST(PasswordParameters, TooLittleAndTooMuchAreRefused) {
  for (const std::uint32_t memory : {0U, 1U, 8U, 64U * 1024 - 1, 1024U * 1024 + 1, 0xffffffffU}) {
    EXPECT_EQ(refusal({.memory_kib = memory, .passes = 3, .salt = {}}), Code::corrupt) << memory;
  }
  for (const std::uint32_t passes : {0U, 11U, 0xffffffffU}) {
    EXPECT_EQ(refusal({.memory_kib = 64 * 1024, .passes = passes, .salt = {}}), Code::corrupt)
        << passes;
  }
}

TEST(DeriveFromPassword, ChecksTheParametersBeforeAnythingElse) {
  PasswordParameters hostile;
  hostile.memory_kib = 0xffffffff;
  const auto derived = derive_from_password(SecretBytes(as_bytes("passphrase")), hostile);
  ASSERT_FALSE(derived);
  EXPECT_EQ(derived.error().code(), Code::corrupt);
}

TEST(DeriveFromPassword, AgreesWithOtherImplementations) {
  for (const auto& test : vectors::own("argon2id.json")) {
    PasswordParameters parameters{.memory_kib = test.at("memory_kib").get<std::uint32_t>(),
                                  .passes = test.at("passes").get<std::uint32_t>(),
                                  .salt = {}};
    const Bytes salt = vectors::bytes(test, "salt");
    ASSERT_EQ(salt.size(), parameters.salt.size());
    std::copy(salt.begin(), salt.end(), parameters.salt.begin());
    const auto key =
        derive_from_password(SecretBytes(vectors::bytes(test, "passphrase")), parameters);
    ASSERT_TRUE(key) << test.at("tcId");
    EXPECT_EQ(to_hex(key->expose()), vectors::text(test, "key")) << test.at("tcId");
  }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MIKURA_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MIKURA_TEST_SANITIZED 1
#endif
#endif

#ifndef MIKURA_TEST_SANITIZED  // a sanitizer needs more address space than the limit leaves
TEST(DeriveFromPassword, SaysSoWhenTheMemoryCannotBeHad) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{.rlim_cur = 256U << 20, .rlim_max = 256U << 20};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) ::_exit(2);
    PasswordParameters parameters = cheapest();
    parameters.memory_kib = 512 * 1024;
    const auto derived = derive_from_password(SecretBytes(as_bytes("passphrase")), parameters);
    ::_exit(!derived && derived.error().code() == Code::full && !derived.error().hint().empty()
                ? 0
                : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}
#endif

}  // namespace
}  // namespace mikura
