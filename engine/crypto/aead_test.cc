#include "crypto/aead.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>

#include "crypto/vectors_test_support.h"

namespace mikura {
namespace {

template <std::size_t N>
ByteArray<N> fixed(ByteSpan bytes) {
  if (bytes.size() != N) throw std::runtime_error("a vector has a wrong size");
  ByteArray<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

struct Message {
  Bytes key;
  Bytes nonce;
  Bytes associated;
};

Message message(std::string_view key, std::string_view nonce, std::string_view associated = "") {
  return {from_hex(key).value(), from_hex(nonce).value(), from_hex(associated).value()};
}

Bytes seal(const Message& m, ByteSpan plain) {
  Bytes out(plain.size() + kAeadTagSize);
  Aes256Gcm(fixed<kAeadKeySize>(m.key))
      .seal(fixed<kAeadNonceSize>(m.nonce), plain, m.associated, out);
  return out;
}

// Fails the test if a refused message leaves anything in the output.
std::optional<Bytes> open(const Message& m, ByteSpan sealed) {
  Bytes out(sealed.size() - kAeadTagSize, std::byte{0xee});
  Aes256Gcm cipher(fixed<kAeadKeySize>(m.key));
  if (cipher.open(fixed<kAeadNonceSize>(m.nonce), sealed, m.associated, out)) return out;
  EXPECT_TRUE(std::all_of(out.begin(), out.end(), [](std::byte b) { return b == std::byte{0}; }));
  return std::nullopt;
}

void flip(Bytes& bytes, std::size_t bit) {
  bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
}

const std::string kZeroKey(64, '0');
const std::string kZeroNonce(24, '0');
constexpr std::string_view kKey =
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr std::string_view kNonce = "cafebabefacedbaddecaf888";

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 13 to 16.
TEST(Aes256Gcm, GivesThePublishedCiphertexts) {
  const auto check = [](const Message& m, std::string_view plain, std::string_view sealed) {
    const Bytes plain_bytes = from_hex(plain).value();
    EXPECT_EQ(to_hex(seal(m, plain_bytes)), sealed);
    EXPECT_EQ(open(m, from_hex(sealed).value()), plain_bytes);
  };
  check(message(kZeroKey, kZeroNonce), "", "530f8afbc74536b9a963b4f1c4cb738b");
  check(message(kZeroKey, kZeroNonce), std::string(32, '0'),
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  check(message(kKey, kNonce),
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
        "b094dac5d93471bdec1a502270e3cc6c");
  check(message(kKey, kNonce, "feedfacedeadbeeffeedfacedeadbeefabaddad2"),
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b");
}

void check_vector(const vectors::Json& test) {
  const Message m{vectors::bytes(test, "key"), vectors::bytes(test, "iv"),
                  vectors::bytes(test, "aad")};
  const Bytes plain = vectors::bytes(test, "msg");
  Bytes sealed = vectors::bytes(test, "ct");
  append(sealed, vectors::bytes(test, "tag"));
  if (vectors::text(test, "result") == "valid") {
    EXPECT_EQ(seal(m, plain), sealed) << test.at("tcId");
    EXPECT_EQ(open(m, sealed), plain) << test.at("tcId");
  } else {
    EXPECT_FALSE(open(m, sealed)) << test.at("tcId");
  }
}

TEST(Aes256Gcm, AgreesWithAnotherImplementation) {
  for (const auto& test : vectors::own("aes_256_gcm.json"))
    check_vector(test);
}

TEST(Aes256Gcm, PassesWycheproof) {
  const auto groups = vectors::wycheproof("aes_gcm_test.json");
  if (!groups) GTEST_SKIP() << "MIKURA_WYCHEPROOF is not set";
  std::size_t checked = 0;
  for (const auto& group : *groups) {
    if (group.at("keySize") != 256 || group.at("ivSize") != 96 || group.at("tagSize") != 128)
      continue;
    for (const auto& test : group.at("tests")) {
      check_vector(test);
      ++checked;
    }
  }
  EXPECT_GT(checked, 50U);
}

TEST(Aes256Gcm, RejectsEveryFlippedBitAndWipesTheOutput) {
  const Message m = message(kKey, kNonce, "0102030405");
  const Bytes plain = to_bytes("a small secret");
  const Bytes sealed = seal(m, plain);
  ASSERT_EQ(open(m, sealed), plain);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes altered = sealed;
    flip(altered, bit);
    EXPECT_FALSE(open(m, altered)) << "bit " << bit << " of the sealed bytes";
  }
  for (Bytes Message::* const part : {&Message::key, &Message::nonce, &Message::associated}) {
    for (std::size_t bit = 0; bit < (m.*part).size() * 8; ++bit) {
      Message altered = m;
      flip(altered.*part, bit);
      EXPECT_FALSE(open(altered, sealed)) << "bit " << bit;
    }
  }
}

TEST(Aes256Gcm, RejectsATruncatedAndAnExtendedMessage) {
  const Message m = message(kKey, kNonce);
  const Bytes sealed = seal(m, as_bytes("a small secret"));
  for (std::size_t size = kAeadTagSize; size < sealed.size(); ++size) {
    EXPECT_FALSE(open(m, ByteSpan(sealed).first(size))) << size;
  }
  Bytes longer = sealed;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(open(m, longer));
}

TEST(Aes256Gcm, IsRightAgainAfterARejectedMessage) {
  Aes256Gcm cipher(fixed<kAeadKeySize>(from_hex(kKey).value()));
  const auto nonce = fixed<kAeadNonceSize>(from_hex(kNonce).value());
  const Bytes plain = to_bytes("text");
  Bytes sealed(plain.size() + kAeadTagSize);
  cipher.seal(nonce, plain, {}, sealed);
  Bytes altered = sealed;
  flip(altered, 3);
  Bytes out(plain.size());
  EXPECT_FALSE(cipher.open(nonce, altered, {}, out));
  EXPECT_TRUE(cipher.open(nonce, sealed, {}, out));
  EXPECT_EQ(out, plain);
}

TEST(Aes256Gcm, TwoKeysUsedInTurnsDoNotMix) {
  Aes256Gcm a(fixed<kAeadKeySize>(from_hex(kKey).value()));
  Aes256Gcm b(fixed<kAeadKeySize>(from_hex(kZeroKey).value()));
  const auto nonce = fixed<kAeadNonceSize>(from_hex(kNonce).value());
  const Bytes plain = to_bytes("text");
  Bytes from_a(plain.size() + kAeadTagSize);
  Bytes from_b(plain.size() + kAeadTagSize);
  a.seal(nonce, plain, {}, from_a);
  b.seal(nonce, plain, {}, from_b);
  EXPECT_EQ(from_a, seal(message(kKey, kNonce), plain));
  EXPECT_EQ(from_b, seal(message(kZeroKey, kNonce), plain));
  Bytes out(plain.size());
  EXPECT_TRUE(a.open(nonce, from_a, {}, out));
  EXPECT_FALSE(a.open(nonce, from_b, {}, out));
}

RC_GTEST_PROP(Aes256Gcm, OpensWhatItSealed,
              (const std::vector<std::uint8_t>& text,
               const std::vector<std::uint8_t>& associated)) {
  const Message m{from_hex(kKey).value(), from_hex(kNonce).value(),
                  to_bytes(std::as_bytes(std::span(associated)))};
  const Bytes plain = to_bytes(std::as_bytes(std::span(text)));
  RC_ASSERT(open(m, seal(m, plain)) == plain);
}

TEST(Aes256Gcm, SealsAWholeSegmentAndMore) {
  for (const std::size_t size :
       {std::size_t{65535}, std::size_t{65536}, std::size_t{3 * 1024 * 1024 + 5}}) {
    const Message m = message(kKey, kNonce);
    const Bytes plain(size, std::byte{0x5a});
    Bytes sealed = seal(m, plain);
    EXPECT_EQ(open(m, sealed), plain);
    flip(sealed, size * 8 - 1);
    EXPECT_FALSE(open(m, sealed));
  }
}

TEST(Aes256Gcm, IsRightOnManyThreadsAtOnce) {
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 8; ++t) {
      threads.emplace_back([&wrong, t] {
        Message m = message(kKey, kNonce);
        m.key[0] = static_cast<std::byte>(t);
        const Bytes plain(100 + t, static_cast<std::byte>(t));
        const Bytes first = seal(m, plain);
        for (int i = 0; i < 300; ++i) {
          if (seal(m, plain) != first || open(m, first) != plain) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(Aes256GcmDeathTest, AnOutputOfAWrongSizeIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Aes256Gcm cipher(fixed<kAeadKeySize>(from_hex(kKey).value()));
  const auto nonce = fixed<kAeadNonceSize>(from_hex(kNonce).value());
  Bytes four(4);
  Bytes twenty(20);
  Bytes nineteen(19);
  EXPECT_DEATH(cipher.seal(nonce, four, {}, nineteen), "does not hold");
  EXPECT_DEATH(static_cast<void>(cipher.open(nonce, nineteen, {}, four)), "does not hold");
  // Shorter than a tag: no output size fits.
  EXPECT_DEATH(static_cast<void>(cipher.open(nonce, four, {}, {})), "does not hold");
  cipher.seal(nonce, four, {}, twenty);
  EXPECT_TRUE(cipher.open(nonce, twenty, {}, four));
}

}  // namespace
}  // namespace mikura
