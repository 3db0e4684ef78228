#include "format/repository.h"

#include <gtest/gtest.h>

#include "format/codec.h"
#include "format/format_test_values.h"

namespace mikura {
namespace {

// docs/format.md, "The object repository", without the encoder.
Bytes raw_repository(std::string_view magic, std::uint32_t format, int naming, int flags) {
  Writer writer;
  writer.raw(as_bytes(magic));
  writer.u32(format);
  writer.id(filled_id<RepositoryId>(0x11));
  writer.u8(static_cast<std::uint8_t>(naming));
  writer.u8(static_cast<std::uint8_t>(flags));
  writer.i64(1'700'000'000'000);
  writer.id(sha256(writer.bytes()));
  return writer.take();
}

constexpr std::string_view kMagic = "mikura repository\n";

TEST(Repository, RoundTripsInAllItsVariants) {
  for (int flags = 0; flags < 16; ++flags) {
    for (const NamingScheme naming : {NamingScheme::hmac_sha256, NamingScheme::sha256}) {
      RepositoryConfig config = sample_repository();
      config.naming = naming;
      config.capabilities = {(flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0};
      config.single_writer = (flags & 8) != 0;
      const Bytes bytes = encode_repository(config);
      EXPECT_EQ(bytes, raw_repository(kMagic, 1, static_cast<int>(naming), flags));
      EXPECT_EQ(*decode_repository(bytes), config);
    }
  }
}

TEST(Repository, TellsAPersonWhatItIs) {
  EXPECT_TRUE(as_text(encode_repository(sample_repository())).starts_with("mikura repository\n"));
}

TEST(Repository, EveryFlippedBitIsDamageAndNothingElse) {
  const Bytes bytes = encode_repository(sample_repository());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes bad = bytes;
    bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_TRUE(decode_repository(bad).failed_with(Code::corrupt)) << bit;
  }
}

TEST(Repository, EveryTruncationAndExtensionIsRefused) {
  Bytes bytes = encode_repository(sample_repository());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_repository(std::span(bytes).first(size))) << size;
  }
  bytes.push_back(std::byte{0});
  EXPECT_TRUE(decode_repository(bytes).failed_with(Code::corrupt));
  bytes.resize(kMaxRepositoryBytes + 1);
  EXPECT_TRUE(decode_repository(bytes).failed_with(Code::corrupt));
}

TEST(Repository, SomethingElseIsNotARepository) {
  EXPECT_TRUE(decode_repository({}).failed_with(Code::invalid));
  EXPECT_TRUE(
      decode_repository(
          as_bytes(
              "just some text that somebody stored there under that name, longer than a trailer"))
          .failed_with(Code::invalid));
  EXPECT_TRUE(decode_repository(Bytes(100000)).failed_with(Code::invalid));
  EXPECT_TRUE(
      decode_repository(raw_repository("mikura rePository\n", 1, 1, 0)).failed_with(Code::invalid));
}

TEST(Repository, ANewerFormatIsUnsupported) {
  const auto decoded = decode_repository(raw_repository(kMagic, 2, 1, 0));
  EXPECT_TRUE(decoded.failed_with(Code::unsupported));
  EXPECT_EQ(decoded.error().hint(), "Update Mikura.");
  EXPECT_TRUE(decode_repository(raw_repository(kMagic, 0, 1, 0)).failed_with(Code::corrupt));
}

TEST(Repository, UnknownSchemesAndFlagsAreRefused) {
  for (const int naming : {0, 3, 255})
    EXPECT_TRUE(decode_repository(raw_repository(kMagic, 1, naming, 0)).failed_with(Code::corrupt));
  for (const int flags : {16, 128})
    EXPECT_TRUE(decode_repository(raw_repository(kMagic, 1, 1, flags)).failed_with(Code::corrupt));
}

}  // namespace
}  // namespace mikura
