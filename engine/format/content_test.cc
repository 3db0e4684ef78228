#include "format/content.h"

#include <gtest/gtest.h>

#include "format/envelope.h"
#include "format/format_test_values.h"

namespace mikura {
namespace {

TEST(Content, SmallFilesAreOneBlobAndLargeOnesAreChunked) {
  const Bytes data((16 << 20) + 5, std::byte{3});
  ContentHasher small;
  small.update(std::span(data).first(16 << 20));
  const auto whole = small.finish();
  EXPECT_EQ(whole.form, ContentForm::whole);
  EXPECT_EQ(whole.content, whole.sha256);

  ContentHasher large;
  for (std::size_t at = 0; at < data.size(); at += 1'000'003)
    large.update(std::span(data).subspan(at, std::min<std::size_t>(1'000'003, data.size() - at)));
  const auto chunked = large.finish();
  EXPECT_EQ(chunked.form, ContentForm::chunks);
  EXPECT_EQ(chunked.sha256, sha256(data));
  ASSERT_EQ(chunked.chunks.chunks.size(), 2U);
  EXPECT_EQ(chunked.chunks.chunks[0].sha256, sha256(std::span(data).first(16 << 20)));
  EXPECT_EQ(chunked.chunks.chunks[1].size_bytes, 5U);
  EXPECT_EQ(chunked.content, sha256(encode_chunk_list(chunked.chunks)));
}

TEST(Content, ChunkListsRoundTripAndMustAddUp) {
  const ChunkList list = sample_chunk_list();
  EXPECT_EQ(*decode_chunk_list(encode_chunk_list(list)), list);
  ChunkList wrong = list;
  wrong.size_bytes += 1;
  EXPECT_TRUE(decode_chunk_list(encode_chunk_list(wrong)).failed_with(Code::corrupt));
  wrong = list;
  wrong.chunks[1].size_bytes = 0;
  wrong.size_bytes -= 5;
  EXPECT_TRUE(decode_chunk_list(encode_chunk_list(wrong)).failed_with(Code::corrupt));
}

TEST(Names, TheDefaultSchemeTellsNothingAndThePlainSchemeIsTheHash) {
  const Keyring keyring = sample_keyring();
  const Sha256Digest content = sha256(as_bytes("hello"));
  EXPECT_EQ(blob_id(NamingScheme::sha256, keyring.name_key, content).hex(), content.hex());
  const BlobId keyed = blob_id(NamingScheme::hmac_sha256, keyring.name_key, content);
  EXPECT_NE(keyed.hex(), content.hex());
  EXPECT_EQ(object_name(keyed), "objects/" + keyed.hex().substr(0, 2) + "/" + keyed.hex());
  EXPECT_EQ(index_name(version_of(0x22)), "indexes/017f22e2-79b0-7cc3-98c4-dc0c0c073922");
}

}  // namespace
}  // namespace mikura
