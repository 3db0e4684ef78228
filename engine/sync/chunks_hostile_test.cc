// Large files in a store that lies, and lists that a faulty program wrote.
#include "crypto/hash.h"
#include "crypto/uuid.h"
#include "format/chunk_parts.h"
#include "store/faulty_store.h"
#include "sync/chunks_test_fixture.h"

namespace mikura {
namespace {

constexpr std::size_t kBytes = 12 << 20;

class HostileChunks : public SyncChunks {
 protected:
  HostileChunks() {
    a.write("large", noise(kBytes));
    a.must_sync();
    entry = entry_of(a, "large");
    list = *decode_parted_list(*a.vault->read_chunk_list(entry.content, {}));
    for (const ChunkPart& part : list.parts)
      parts.push_back(*a.vault->read_blob(part.sha256, chunk_part_bytes(part.chunks), {}));
  }

  // A machine with files of its own pulls: it fails, and nothing has been touched.
  void expect_refused(BlobStore& from, std::string_view what) {
    Machine b(from);
    b.write("mine", "mine");
    const auto report = b.sync();
    ASSERT_TRUE(report.failed_with(Code::corrupt))
        << what << ": " << (report ? "succeeded" : report.error().message());
    EXPECT_EQ(b.everything(), std::set<std::string>{"mine=mine"}) << what;
  }

  // Publishes a version in which the file has this list, and perhaps another content.
  void publish(ByteSpan encoded, const std::optional<Sha256Digest>& file_sha256 = {}) {
    const auto on = a.vault->read_head(nullptr, {});
    auto index = a.vault->read_index(on->head.version, on->head.index_sha256, {})->index;
    VersionIdGenerator ids(system_clock(), system_random());
    index.parents = {{on->head.version, on->head.index_sha256}};
    index.generation = on->head.generation + 1;
    index.version = ids.next(on->head.version);
    index.entries[0].content = sha256(encoded);
    if (file_sha256) index.entries[0].sha256 = *file_sha256;
    ASSERT_TRUE(a.vault->write_chunk_list(sha256(encoded), encoded, {}));
    ASSERT_TRUE(a.vault->publish(*on, index, encode_index(index), {}, {}));
  }

  void store_part(ChunkPart& part, std::span<const Chunk> chunks) {
    const Bytes encoded = encode_chunk_part(chunks);
    part.sha256 = sha256(encoded);
    part.chunks = static_cast<std::uint32_t>(chunks.size());
    part.size_bytes = 0;
    for (const Chunk& chunk : chunks)
      part.size_bytes += chunk.size_bytes;
    ASSERT_TRUE(a.vault->write_blob(part.sha256, encoded, {}));
  }

  std::vector<Chunk> chunks_of(std::size_t part) {
    return *decode_chunk_part(parts[part], list.parts[part]);
  }

  Machine a{store};
  Entry entry;
  PartedChunkList list;
  std::vector<Bytes> parts;
};

TEST_F(HostileChunks, WhatIsDamagedIsRefused) {
  const auto packs = list_all(store, kPacksPrefix, {});
  for (const ListedBlob& object : *packs) {
    for (const std::size_t offset : {200U, 3'000'000U}) {
      FaultyStore rotten(view());
      rotten.flip_byte(object.name, offset);
      expect_refused(rotten, object.name);
    }
  }
  const auto objects = list_all(store, kObjectsPrefix, {});
  for (const ListedBlob& object : *objects) {
    FaultyStore rotten(view());
    rotten.flip_byte(object.name, 100);
    expect_refused(rotten, object.name);
    FaultyStore cut(view());
    cut.truncate(object.name, 80);
    expect_refused(cut, object.name);
  }
}

TEST_F(HostileChunks, AListInThePlaceOfAnotherIsRefused) {
  a.write("second", noise(kBytes, 9));
  a.must_sync();
  FaultyStore swapping(view());
  swapping.serve_swapped(a.vault->name_of(entry.content),
                         a.vault->name_of(entry_of(a, "second").content));
  expect_refused(swapping, "swapped lists");
}

TEST_F(HostileChunks, PartsInAnotherOrderAreNotTheFile) {
  std::swap(list.parts[0], list.parts[1]);
  publish(encode_parted_list(list));
  expect_refused(store, "parts in another order");
}

TEST_F(HostileChunks, ChunksInAnotherOrderAreNotTheFile) {
  auto chunks = chunks_of(0);
  std::swap(chunks[0], chunks[1]);
  store_part(list.parts[0], chunks);
  publish(encode_parted_list(list));
  expect_refused(store, "chunks in another order");
}

TEST_F(HostileChunks, AListOfAnotherFileIsRefused) {
  list.file_sha256 = sha256(as_bytes("another"));
  publish(encode_parted_list(list));
  expect_refused(store, "the list of another file");
}

TEST_F(HostileChunks, WrongSizesOfPartsAreRefused) {
  ++list.parts[0].size_bytes;
  --list.parts[1].size_bytes;
  publish(encode_parted_list(list));
  expect_refused(store, "wrong sizes of parts");
}

TEST_F(HostileChunks, WrongSizesOfChunksAreRefused) {
  auto chunks = chunks_of(0);
  ++chunks[0].size_bytes;
  --chunks[1].size_bytes;
  store_part(list.parts[0], chunks);
  publish(encode_parted_list(list));
  expect_refused(store, "wrong sizes of chunks");
}

TEST_F(HostileChunks, AMissingPartIsRefused) {
  list.parts[0].sha256 = sha256(as_bytes("there is none"));
  publish(encode_parted_list(list));
  expect_refused(store, "a missing part");
}

// A machine that has the file keeps it as it is, and what it rebuilds from it is verified.
TEST_F(HostileChunks, ALocalFileDoesNotMakeAForgedListGood) {
  Machine b(store);
  b.must_sync();
  const auto before = b.everything();
  list.file_sha256 = sha256(as_bytes("an edit"));
  publish(encode_parted_list(list), list.file_sha256);
  EXPECT_TRUE(b.sync().failed_with(Code::corrupt));
  EXPECT_TRUE(b.everything() == before);
}

// What was sent before cannot be read any more: an edit sends all of it again, and heals it.
TEST_F(HostileChunks, AnUnreadableListOnlyCostsAnUpload) {
  FaultyStore rotten(view());
  Machine b(rotten);
  b.must_sync();
  ASSERT_TRUE(b.state->drop_cached_object("chunk-list/large"));
  rotten.flip_byte(b.vault->name_of(entry.content), 100);
  std::string edited = noise(kBytes);
  edited[5] ^= 1;
  b.write("large", edited);
  b.must_sync();
  Machine c(store);
  c.must_sync();
  EXPECT_TRUE(c.read("large") == edited);
}

}  // namespace
}  // namespace mikura
