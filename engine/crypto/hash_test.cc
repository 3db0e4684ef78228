#include "crypto/hash.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "crypto/vectors_test_support.h"

namespace mikura {
namespace {

Bytes hex(std::string_view text) {
  return from_hex(text).value();
}

Bytes repeated(std::size_t count, unsigned value) {
  return Bytes(count, std::byte(value));
}

Bytes counting(std::size_t count, unsigned first) {
  Bytes out(count);
  for (std::size_t i = 0; i < count; ++i)
    out[i] = static_cast<std::byte>(first + i);
  return out;
}

std::string sha256_hex(std::string_view text) {
  return sha256(as_bytes(text)).hex();
}

Bytes expand(ByteSpan key, ByteSpan info, std::size_t size) {
  Bytes out(size);
  hkdf_expand(key, info, out);
  return out;
}

Bytes hkdf(ByteSpan salt, ByteSpan input_key, ByteSpan info, std::size_t size) {
  return expand(hkdf_extract(salt, input_key), info, size);
}

// FIPS 180-4, the examples that NIST publishes with it.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                       "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

RC_GTEST_PROP(Sha256, GivesTheSameDigestHoweverTheDataIsCut,
              (const std::vector<std::string>& parts)) {
  std::string joined;
  Sha256 hash;
  for (const std::string& part : parts) {
    joined += part;
    hash.update(as_bytes(part));
  }
  RC_ASSERT(hash.finish() == sha256(as_bytes(joined)));
}

TEST(Sha256, IsUnaffectedByOtherHashesInBetween) {
  Sha256 hash;
  hash.update(as_bytes("a"));
  Sha256 other;
  other.update(as_bytes("something else"));
  static_cast<void>(hmac_sha256(as_bytes("key"), as_bytes("message")));
  static_cast<void>(sha256_hex("more"));
  hash.update(as_bytes("bc"));
  EXPECT_EQ(hash.finish().hex(), sha256_hex("abc"));
}

TEST(Sha256, GoesOnAfterAMove) {
  Sha256 first;
  first.update(as_bytes("ab"));
  Sha256 second(std::move(first));
  second.update(as_bytes("c"));
  EXPECT_EQ(second.finish().hex(), sha256_hex("abc"));
  second = Sha256();
  EXPECT_EQ(second.finish().hex(), sha256_hex(""));
}

// RFC 4231, sections 4.2 to 4.8.
TEST(HmacSha256, GivesThePublishedCodes) {
  const auto mac = [](ByteSpan key, ByteSpan data) { return to_hex(hmac_sha256(key, data)); };
  EXPECT_EQ(mac(repeated(20, 0x0b), as_bytes("Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(mac(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(mac(repeated(20, 0xaa), repeated(50, 0xdd)),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(mac(counting(25, 1), repeated(50, 0xcd)),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  EXPECT_EQ(mac(repeated(20, 0x0c), as_bytes("Test With Truncation")).substr(0, 32),
            "a3b6167473100ee06e0c796c2955552b");
  EXPECT_EQ(
      mac(repeated(131, 0xaa), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(
      mac(repeated(131, 0xaa),
          as_bytes("This is a test using a larger than block-size key and a larger than block-size "
                   "data. The key needs to be hashed before being used by the HMAC algorithm.")),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(HmacSha256, AgreesWithAnotherImplementation) {
  for (const auto& test : vectors::own("hmac_sha256.json")) {
    EXPECT_EQ(to_hex(hmac_sha256(vectors::bytes(test, "key"), vectors::bytes(test, "msg"))),
              vectors::text(test, "tag"))
        << test.at("tcId");
  }
}

TEST(HmacSha256, PassesWycheproof) {
  const auto groups = vectors::wycheproof("hmac_sha256_test.json");
  if (!groups) GTEST_SKIP() << "MIKURA_WYCHEPROOF is not set";
  std::size_t checked = 0;
  for (const auto& group : *groups) {
    for (const auto& test : group.at("tests")) {
      // Shorter tags in the suite are the first bytes of the whole one.
      const Bytes tag = vectors::bytes(test, "tag");
      const auto mac = hmac_sha256(vectors::bytes(test, "key"), vectors::bytes(test, "msg"));
      ASSERT_LE(tag.size(), mac.size());
      EXPECT_EQ(equal_constant_time(std::span(mac).first(tag.size()), tag),
                vectors::text(test, "result") == "valid")
          << test.at("tcId");
      ++checked;
    }
  }
  EXPECT_GT(checked, 100U);
}

// RFC 5869, appendix A.1 to A.3 (the cases with SHA-256).
TEST(HkdfSha256, GivesThePublishedKeys) {
  const Bytes salt = counting(13, 0x00);
  const Bytes key = repeated(22, 0x0b);
  EXPECT_EQ(to_hex(hkdf_extract(salt, key)),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  EXPECT_EQ(to_hex(hkdf(salt, key, counting(10, 0xf0), 42)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");

  const Bytes long_salt = counting(80, 0x60);
  const Bytes long_key = counting(80, 0x00);
  EXPECT_EQ(to_hex(hkdf_extract(long_salt, long_key)),
            "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244");
  EXPECT_EQ(
      to_hex(hkdf(long_salt, long_key, counting(80, 0xb0), 82)),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e"
      "590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");

  EXPECT_EQ(to_hex(hkdf_extract({}, key)),
            "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
  EXPECT_EQ(to_hex(hkdf({}, key, {}, 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(HkdfSha256, AgreesWithAnotherImplementation) {
  for (const auto& test : vectors::own("hkdf_sha256.json")) {
    const Bytes okm = vectors::bytes(test, "okm");
    EXPECT_EQ(hkdf(vectors::bytes(test, "salt"), vectors::bytes(test, "ikm"),
                   vectors::bytes(test, "info"), okm.size()),
              okm)
        << test.at("tcId");
  }
}

TEST(HkdfSha256, PassesWycheproof) {
  const auto groups = vectors::wycheproof("hkdf_sha256_test.json");
  if (!groups) GTEST_SKIP() << "MIKURA_WYCHEPROOF is not set";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  std::size_t checked = 0;
  for (const auto& group : *groups) {
    for (const auto& test : group.at("tests")) {
      const auto derive = [&] {
        return hkdf(vectors::bytes(test, "salt"), vectors::bytes(test, "ikm"),
                    vectors::bytes(test, "info"), test.at("size").get<std::size_t>());
      };
      if (vectors::text(test, "result") == "valid") {
        EXPECT_EQ(derive(), vectors::bytes(test, "okm")) << test.at("tcId");
      } else {
        // The only invalid ones ask for too much, which is a bug of the caller.
        EXPECT_DEATH(derive(), "does not hold") << test.at("tcId");
      }
      ++checked;
    }
  }
  EXPECT_GT(checked, 50U);
}

TEST(HkdfSha256, ExpandsToNothing) {
  EXPECT_TRUE(expand(repeated(32, 1), as_bytes("info"), 0).empty());
}

RC_GTEST_PROP(HkdfSha256, AShorterOutputIsAPrefixOfALongerOne,
              (const std::vector<std::uint8_t>& info)) {
  const auto longer = *rc::gen::inRange<std::size_t>(1, 300);
  const auto shorter = *rc::gen::inRange<std::size_t>(0, longer);
  const Bytes key = repeated(32, 7);
  const ByteSpan information = std::as_bytes(std::span(info));
  Bytes whole = expand(key, information, longer);
  whole.resize(shorter);
  RC_ASSERT(whole == expand(key, information, shorter));
}

TEST(HkdfSha256DeathTest, RefusesMoreThan255Blocks) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Bytes out(255 * 32 + 1);
  EXPECT_DEATH(hkdf_expand(repeated(32, 1), {}, out), "does not hold");
}

TEST(EqualConstantTime, ComparesContentAndLength) {
  const Bytes a = hex("00112233");
  EXPECT_TRUE(equal_constant_time(a, hex("00112233")));
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_FALSE(equal_constant_time(a, hex("001122")));
  EXPECT_FALSE(equal_constant_time(a, {}));
  for (unsigned bit = 0; bit < 32; ++bit) {
    Bytes b = a;
    b[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_FALSE(equal_constant_time(a, b)) << bit;
  }
}

TEST(Hashing, IsRightOnManyThreadsAtOnce) {
  const Bytes mac = to_bytes(hmac_sha256(as_bytes("key"), as_bytes("message")));
  const Sha256Digest digest = sha256(as_bytes("message"));
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) {
          if (!equal_constant_time(hmac_sha256(as_bytes("key"), as_bytes("message")), mac)) ++wrong;
          if (sha256(as_bytes("message")) != digest) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace mikura
