#include "crypto/secret_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <new>
#include <type_traits>

namespace mikura {
namespace {

ByteArray<32> pattern() {
  ByteArray<32> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(i + 1);
  return bytes;
}

bool all_zero(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

bool holds(const UserKey& key, const ByteArray<32>& bytes) {
  return std::equal(bytes.begin(), bytes.end(), key.expose().begin());
}

// tests/compile_fail/ checks the same through the compiler's own eyes, and what no trait can tell.
static_assert(!std::is_copy_constructible_v<UserKey> && !std::is_copy_assignable_v<UserKey>);
static_assert(std::is_nothrow_move_constructible_v<UserKey> &&
              std::is_nothrow_move_assignable_v<UserKey>);
static_assert(!std::is_convertible_v<NameKey, EpochKey> &&
              !std::is_constructible_v<EpochKey, NameKey>);
static_assert(!std::is_copy_constructible_v<SecretBytes> &&
              !std::is_copy_assignable_v<SecretBytes>);
static_assert(!std::is_constructible_v<std::string, UserKey>);

TEST(Wipe, OverwritesAndAcceptsNothing) {
  ByteArray<32> bytes = pattern();
  wipe(std::span(bytes).first(31));
  EXPECT_TRUE(all_zero(std::span(bytes).first(31)));
  EXPECT_EQ(bytes[31], std::byte{32});
  wipe({});
}

TEST(SecretKey, KeepsItsBytes) {
  EXPECT_TRUE(holds(UserKey(pattern()), pattern()));
}

TEST(SecretKey, AMovedFromKeyIsZero) {
  UserKey from(pattern());
  UserKey to(std::move(from));
  EXPECT_TRUE(holds(to, pattern()));
  EXPECT_TRUE(all_zero(from.expose()));  // NOLINT(bugprone-use-after-move): this is the test

  UserKey assigned{ByteArray<32>{}};
  assigned = std::move(to);
  EXPECT_TRUE(holds(assigned, pattern()));
  EXPECT_TRUE(all_zero(to.expose()));  // NOLINT(bugprone-use-after-move)
}

TEST(SecretKey, SurvivesBeingMovedIntoItself) {
  UserKey key(pattern());
  UserKey& same = key;
  key = std::move(same);
  EXPECT_TRUE(holds(key, pattern()));
}

TEST(SecretKey, ADuplicateIsIndependent) {
  UserKey key(pattern());
  {
    const UserKey second = key.duplicate();
    EXPECT_TRUE(holds(second, pattern()));
  }
  EXPECT_TRUE(holds(key, pattern()));
}

TEST(SecretKey, TheDestructorLeavesZeros) {
  alignas(UserKey) ByteArray<sizeof(UserKey)> storage{};
  auto* const key = std::construct_at(reinterpret_cast<UserKey*>(storage.data()), pattern());
  EXPECT_FALSE(all_zero(storage));
  std::destroy_at(key);
  // Read through a volatile pointer: to the compiler the object's bytes are gone.
  const volatile std::byte* const left = storage.data();
  for (std::size_t i = 0; i < storage.size(); ++i)
    EXPECT_TRUE(left[i] == std::byte{0}) << i;
}

TEST(SecretBytes, KeepsItsBytesAndGivesThemAwayWhole) {
  SecretBytes from(as_bytes("a passphrase"));
  EXPECT_EQ(as_text(from.expose()), "a passphrase");
  SecretBytes to(std::move(from));
  EXPECT_EQ(as_text(to.expose()), "a passphrase");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): this is the test

  SecretBytes assigned(as_bytes("another"));
  assigned = std::move(to);
  EXPECT_EQ(as_text(assigned.expose()), "a passphrase");
  EXPECT_TRUE(to.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(SecretBytes().empty());
}

TEST(SecretBytes, SurvivesBeingMovedIntoItself) {
  SecretBytes text(as_bytes("a passphrase"));
  SecretBytes& same = text;
  text = std::move(same);
  EXPECT_EQ(as_text(text.expose()), "a passphrase");
}

}  // namespace
}  // namespace mikura
