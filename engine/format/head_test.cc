#include "format/head.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/format_test_values.h"

namespace mikura {
namespace {

TEST(Head, RoundTripsEmptyAndWithHistory) {
  for (const std::size_t versions : {0U, 1U, 3U}) {
    const Head head = sample_head(versions);
    const auto decoded = decode_head(encode_head(head));
    ASSERT_TRUE(decoded) << decoded.error().message();
    EXPECT_EQ(*decoded, head);
  }
}

TEST(Head, RoundTripsItsReservedPlaces) {
  Head head = sample_head();
  head.gc_epoch = 7;
  head.gc_state = 1;
  head.gc_manifest = "gc/x";
  head.pins = {version_of(9)};
  head.catalogs = {"catalogs/a", "catalogs/b"};
  EXPECT_EQ(*decode_head(encode_head(head)), head);
}

// Every way in which the log could lie: the bytes are changed after encoding.
TEST(Head, ATailThatDoesNotChainIsRefused) {
  const Bytes good = encode_head(sample_head());
  unsigned refused = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= std::byte{1};
    const auto decoded = decode_head(bad);
    if (!decoded)
      ++refused;
    else
      EXPECT_EQ(encode_head(*decoded), bad);
  }
  // All of generation, version, index hash, log hashes and the records are bound together.
  EXPECT_GT(refused, 3 * (8 + 16 + 32) + 8 + 16 + 32 + 2 * 32U);
}

TEST(Head, ANewerFormatIsUnsupported) {
  Bytes bytes = encode_head(sample_head());
  bytes[5] = std::byte{2};  // min_format
  EXPECT_TRUE(decode_head(bytes).failed_with(Code::unsupported));
}

TEST(Head, EveryTruncationIsRefused) {
  const Bytes bytes = encode_head(sample_head());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_head(std::span(bytes).first(size))) << size;
}

TEST(LogSegment, RoundTripsAndRefusesGaps) {
  const LogSegment segment = sample_segment();
  EXPECT_EQ(*decode_log_segment(encode_log_segment(segment)), segment);
  Bytes bad = encode_log_segment(segment);
  bad[4 + 1 + 32 + 1 + 1] = std::byte{9};  // the first record's generation
  EXPECT_TRUE(decode_log_segment(bad).failed_with(Code::corrupt));
}

TEST(LogHash, DependsOnEverythingBefore) {
  const LogRecord record = sample_head().log_tail[0];
  EXPECT_NE(next_log_hash(Sha256Digest(), record), next_log_hash(sha256(as_bytes("x")), record));
  LogRecord other = record;
  other.generation = 2;
  EXPECT_NE(next_log_hash(Sha256Digest(), record), next_log_hash(Sha256Digest(), other));
}

}  // namespace
}  // namespace mikura
