// Frozen bytes of every format (tests/vectors/format): what was once written must be readable, and
// must be written the same, for ever.
//
// MIKURA_ACCEPT_GOLDEN=1 writes missing files. It never changes an existing one: a new format gets
// new files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "format/format_test_values.h"

namespace mikura {
namespace {

// A stored file; written first, with `now`, if it is missing and that was asked for.
Bytes golden(const std::string& name, ByteSpan now) {
  const std::string path = std::string(MIKURA_SOURCE_DIR) + "/tests/vectors/format/" + name;
  if (!std::filesystem::exists(path) && std::getenv("MIKURA_ACCEPT_GOLDEN") != nullptr) {
    EXPECT_TRUE(make_directories(std::filesystem::path(path).parent_path().string()));
    EXPECT_TRUE(write_file_atomically(path, now));
  }
  auto bytes = read_file(path, 1 << 20);
  EXPECT_TRUE(bytes) << bytes.error().message();
  return bytes ? *std::move(bytes) : Bytes();
}

void expect_golden(const std::string& name, const Bytes& now) {
  EXPECT_EQ(to_hex(now), to_hex(golden(name, now))) << name;
}

SealContext blob_context(const EpochKey& key) {
  return {filled_id<RepositoryId>(0x11), ObjectType::blob, kSampleBlob, 1, key.expose()};
}

TEST(Golden, Repository) {
  expect_golden("repository.bin", encode_repository(sample_repository()));
  EXPECT_EQ(*decode_repository(golden("repository.bin", {})), sample_repository());
}

TEST(Golden, Index) {
  expect_golden("index.bin", encode_index(sample_index()));
  EXPECT_EQ(*decode_index(golden("index.bin", {})), sample_index());
}

TEST(Golden, SegmentedIndex) {
  expect_golden("index-root.bin", encode_index_root(sample_index(), sample_segment_refs()));
  Index head = sample_index();
  head.entries.clear();
  EXPECT_EQ(*decode_index_root(golden("index-root.bin", {})),
            (IndexRoot{head, sample_segment_refs()}));
  for (std::size_t i = 0; i < 2; ++i)
    expect_golden("index-segment-" + std::to_string(i) + ".bin", sample_index_segments()[i]);
}

TEST(Golden, HeadWithSegments) {
  expect_golden("head-segments.bin", encode_head(sample_head_with_segments()));
  EXPECT_EQ(*decode_head(golden("head-segments.bin", {})), sample_head_with_segments());
}

TEST(Golden, Head) {
  expect_golden("head.bin", encode_head(sample_head()));
  EXPECT_EQ(*decode_head(golden("head.bin", {})), sample_head());
}

TEST(Golden, EmptyHead) {
  expect_golden("head-empty.bin", encode_head(sample_head(0)));
}

TEST(Golden, LogSegment) {
  expect_golden("log-segment.bin", encode_log_segment(sample_segment()));
  EXPECT_EQ(*decode_log_segment(golden("log-segment.bin", {})), sample_segment());
}

TEST(Golden, ChunkList) {
  expect_golden("chunk-list.bin", encode_chunk_list(sample_chunk_list()));
  EXPECT_EQ(*decode_chunk_list(golden("chunk-list.bin", {})), sample_chunk_list());
}

TEST(Golden, ChunkListInParts) {
  expect_golden("chunk-list-parts.bin", encode_parted_list(sample_parted_list()));
  EXPECT_EQ(*decode_parted_list(golden("chunk-list-parts.bin", {})), sample_parted_list());
  const ChunkList chunks = sample_chunk_list();
  expect_golden("chunk-part.bin", encode_chunk_part(chunks.chunks));
  EXPECT_EQ(*decode_chunk_part(golden("chunk-part.bin", {}), sample_parted_list().parts[0]),
            chunks.chunks);
}

TEST(Golden, HeadWithCatalogs) {
  expect_golden("head-catalogs.bin", encode_head(sample_head_with_catalogs()));
  EXPECT_EQ(*decode_head(golden("head-catalogs.bin", {})), sample_head_with_catalogs());
}

TEST(Golden, PackDirectory) {
  expect_golden("pack-directory.bin", encode_pack_directory(sample_pack_entries()));
  EXPECT_EQ(*decode_pack_directory(golden("pack-directory.bin", {}), 328), sample_pack_entries());
}

TEST(Golden, PackFooter) {
  expect_golden("pack-footer.bin", encode_pack_footer(0x01020304));
  EXPECT_EQ(*decode_pack_footer(encode_pack_footer(234)), 234U);
}

TEST(Golden, Catalog) {
  expect_golden("catalog.bin", encode_catalog(sample_catalog()));
  EXPECT_EQ(*decode_catalog(golden("catalog.bin", {})), sample_catalog());
}

TEST(Golden, SealedBlobStored) {
  CountingRandom random;
  const EpochKey key = sample_epoch_key();
  expect_golden("sealed-blob.bin", seal(blob_context(key), as_bytes("Hello, storehouse."), random));
  EXPECT_EQ(as_text(*open_sealed(blob_context(key), golden("sealed-blob.bin", {}), 100)),
            "Hello, storehouse.");
}

// What zstd writes may differ between its versions, so these bytes are only read.
TEST(Golden, SealedBlobCompressed) {
  CountingRandom random;
  const EpochKey key = sample_epoch_key();
  const Bytes payload(100'000, std::byte{'k'});
  const Bytes object = golden("sealed-blob-zstd.bin", seal(blob_context(key), payload, random));
  EXPECT_EQ(*open_sealed(blob_context(key), object, 1 << 20), payload);
}

// Two segments: 70,000 bytes of noise, the same as CountingRandom("payload") gives.
TEST(Golden, SealedBlobOfTwoSegments) {
  CountingRandom random;
  const EpochKey key = sample_epoch_key();
  Bytes payload(70'000);
  CountingRandom("payload").fill(payload);
  const Bytes object = seal(blob_context(key), payload, random);
  EXPECT_TRUE(object == golden("sealed-blob-segments.bin", object)) << "the bytes have changed";
  EXPECT_TRUE(*open_sealed(blob_context(key), golden("sealed-blob-segments.bin", {}), 1 << 20) ==
              payload);
}

TEST(Golden, KeySlot) {
  CountingRandom random;
  const auto source = KeySource::key(sample_user_key());
  const Keyring keyring = sample_keyring();
  // The keyring is random, so zstd finds nothing in it and the bytes are stable.
  expect_golden("slot-key.bin", *seal_keyring(keyring, filled_id<RepositoryId>(0x11), kSampleSlot,
                                              source, {}, random));
  EXPECT_TRUE(
      open_keyring(golden("slot-key.bin", {}), filled_id<RepositoryId>(0x11), kSampleSlot, source));
}

TEST(Golden, PassphraseSlot) {
  CountingRandom random;
  const auto source = KeySource::passphrase(SecretBytes(as_bytes("correct horse battery")));
  expect_golden("slot-passphrase.bin",
                *seal_keyring(sample_keyring(), filled_id<RepositoryId>(0x11), kSampleSlot, source,
                              quick_password(), random));
  EXPECT_TRUE(open_keyring(golden("slot-passphrase.bin", {}), filled_id<RepositoryId>(0x11),
                           kSampleSlot, source));
}

// What the keyring of a slot holds, and after a rotation.
TEST(Golden, KeySlotWithThreeEpochs) {
  CountingRandom random;
  Keyring keyring = sample_keyring();
  for (const std::uint32_t epoch : {2U, 7U})
    keyring.epochs.emplace(epoch, sample_epoch_key());
  keyring.current_epoch = 7;
  const auto source = KeySource::key(sample_user_key());
  const Bytes slot =
      *seal_keyring(keyring, filled_id<RepositoryId>(0x11), kSampleSlot, source, {}, random);
  expect_golden("slot-key-epochs.bin", slot);
  const auto opened = open_keyring(golden("slot-key-epochs.bin", {}), filled_id<RepositoryId>(0x11),
                                   kSampleSlot, source);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->current_epoch, 7U);
  EXPECT_TRUE(equal_constant_time(opened->epoch_key(2)->expose(), sample_epoch_key().expose()));
}

TEST(Golden, ObjectNames) {
  const Keyring keyring = sample_keyring();
  const Sha256Digest content = sha256(as_bytes("hello"));
  const std::string names =
      object_name(blob_id(NamingScheme::hmac_sha256, keyring.name_key, content)) + "\n" +
      object_name(blob_id(NamingScheme::sha256, keyring.name_key, content)) + "\n";
  expect_golden("object-names.txt", to_bytes(names));
}

}  // namespace
}  // namespace mikura
