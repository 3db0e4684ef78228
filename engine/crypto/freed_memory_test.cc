// No block of memory that is given back still holds a key or its text.
//
// A program of its own, because it replaces the global operators new and delete: every freed block
// is searched for the secrets that are being watched.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

#include "crypto/user_key.h"

namespace {

// Fixed memory: the watcher must not allocate.
struct Watch {
  std::array<char, 32> secret;
  std::size_t size = 0;
};
std::array<Watch, 4> watched;
std::size_t watched_count = 0;
int found_in_freed_memory = 0;

// A block carries its size in front of it, because not every delete is told.
constexpr std::size_t kFront = alignof(std::max_align_t);

void* allocate(std::size_t size) {
  auto* const whole = static_cast<char*>(std::calloc(1, kFront + size));
  if (whole == nullptr) std::abort();
  std::memcpy(whole, &size, sizeof size);
  return whole + kFront;
}

void release(void* block) {
  if (block == nullptr) return;
  char* const whole = static_cast<char*>(block) - kFront;
  std::size_t size = 0;
  std::memcpy(&size, whole, sizeof size);
  const std::string_view content(whole + kFront, size);
  for (std::size_t i = 0; i < watched_count; ++i) {
    const std::string_view secret(watched[i].secret.data(), watched[i].size);
    if (content.find(secret) != std::string_view::npos) ++found_in_freed_memory;
  }
  std::free(whole);
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void operator delete(void* block) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t) noexcept {
  release(block);
}
void operator delete[](void* block) noexcept {
  release(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  release(block);
}

namespace mikura {
namespace {

// Counts the freed blocks that hold the middle of a secret: a part is as bad as the whole.
class Watching {
 public:
  Watching() { found_in_freed_memory = 0; }
  ~Watching() { watched_count = 0; }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

  void add(ByteSpan secret) {
    Watch& watch = watched.at(watched_count);
    watch.size = std::min<std::size_t>(secret.size() - 8, 12);
    std::memcpy(watch.secret.data(), secret.data() + 8, watch.size);
    ++watched_count;
  }
  int found() const { return found_in_freed_memory; }
};

// The five-bit groups that stand for the characters of a key.
ByteArray<24> groups_of(std::string_view text) {
  ByteArray<24> groups;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] =
        static_cast<std::byte>(std::string_view("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L").find(text[i]));
  }
  return groups;
}

struct Secret {
  ByteArray<32> key;
  std::array<char, 70> text;
  std::string_view shown() const { return {text.data(), text.size()}; }
};

Secret make_secret() {
  Secret secret{};
  const UserKey key = generate_user_key(system_random());
  std::copy(key.expose().begin(), key.expose().end(), secret.key.begin());
  const SecretBytes text = format_user_key(key);
  std::memcpy(secret.text.data(), text.expose().data(), secret.text.size());
  return secret;
}

void watch_all(Watching& watching, const Secret& secret) {
  watching.add(secret.key);
  watching.add(as_bytes(secret.shown().substr(12)));
  watching.add(groups_of(secret.shown().substr(12)));
}

TEST(FreedMemory, TheWatcherFindsWhatIsNotWiped) {
  const Secret secret = make_secret();
  Watching watching;
  watch_all(watching, secret);
  {
    const Bytes careless(secret.key.begin(), secret.key.end());
    const std::string careless_text(secret.shown());
    EXPECT_EQ(careless.size() + careless_text.size(), 102U);
  }
  EXPECT_EQ(watching.found(), 2);
}

TEST(FreedMemory, HoldsNoKeyAfterFormatting) {
  const Secret secret = make_secret();
  Watching watching;
  watch_all(watching, secret);
  EXPECT_EQ(format_user_key(UserKey(secret.key)).expose().size(), 70U);
  EXPECT_EQ(watching.found(), 0);
}

TEST(FreedMemory, HoldsNoKeyAfterParsing) {
  const Secret secret = make_secret();
  Watching watching;
  watch_all(watching, secret);
  EXPECT_TRUE(parse_user_key(as_bytes(secret.shown())));
  EXPECT_EQ(watching.found(), 0);
}

TEST(FreedMemory, HoldsNoKeyAfterAMistypedOneWasRefused) {
  Secret secret = make_secret();
  Watching watching;
  watch_all(watching, secret);
  for (const char last : {'!', secret.text[69] == 'Q' ? 'P' : 'Q'}) {
    secret.text[69] = last;
    EXPECT_FALSE(parse_user_key(as_bytes(secret.shown())));
  }
  EXPECT_EQ(watching.found(), 0);
}

// Right checksums, made by another implementation: 31 bytes, 33 bytes, wrong padding after 32.
TEST(FreedMemory, HoldsNoKeyAfterOneOfAWrongLengthOrPaddingWasRefused) {
  ByteArray<31> counting;
  for (std::size_t i = 0; i < counting.size(); ++i)
    counting[i] = static_cast<std::byte>(i);
  for (const std::string_view text :
       {"MIKURA-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARCP7A69L",
        "MIKURA-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0JQFPHW9M",
        "MIKURA-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC03247RX5"}) {
    Watching watching;
    watching.add(counting);
    watching.add(groups_of(text.substr(12)));
    EXPECT_FALSE(parse_user_key(as_bytes(text)));
    EXPECT_EQ(watching.found(), 0) << text;
  }
}

TEST(FreedMemory, HoldsNoPassphrase) {
  const ByteArray<20> passphrase = [] {
    ByteArray<20> bytes;
    system_random().fill(bytes);
    return bytes;
  }();
  Watching watching;
  watching.add(passphrase);
  {
    SecretBytes first(passphrase);
    SecretBytes second(std::move(first));
    SecretBytes third(passphrase);
    third = std::move(second);
    EXPECT_EQ(third.expose().size(), passphrase.size());
  }
  EXPECT_EQ(watching.found(), 0);
}

}  // namespace
}  // namespace mikura
