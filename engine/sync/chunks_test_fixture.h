// Large files for the tests of chunked transfer.
#pragma once

#include <cstring>
#include <random>
#include <string>

#include "format/format_test_values.h"
#include "sync/sync_test_fixture.h"
#include "testing/counting_store.h"

namespace mikura {

// Bytes that no compression shrinks, the same in every run.
inline std::string noise(std::size_t size, std::uint64_t seed = 1) {
  std::string data(size + 8, '\0');
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < size; i += 8) {
    const std::uint64_t word = random();
    std::memcpy(data.data() + i, &word, 8);
  }
  data.resize(size);
  return data;
}

// What begins like an SQLite database with pages of 4 KiB.
inline std::string database(std::size_t size) {
  std::string data = noise(size, 4);
  data.replace(0, 18, std::string("SQLite format 3\0\x10\0", 18));
  return data;
}

// What transfers the entry of this path needs, in the latest version.
inline Entry entry_of(Machine& machine, const std::string& path) {
  const auto head = machine.vault->read_head(nullptr, {});
  const auto index = machine.vault->read_index(head->head.version, head->head.index_sha256, {});
  EXPECT_TRUE(index);
  for (const Entry& entry : index->index.entries) {
    if (entry.path == path) return entry;
  }
  ADD_FAILURE() << "no " << path;
  return {};
}

inline std::uint32_t min_format(Machine& machine) {
  return machine.vault->read_head(nullptr, {})->head.min_format;
}

// One repository, the same in every run, so that counts of bytes are.
struct FixedRandom {
  CountingRandom random{"chunks"};
};

class SyncChunks : private FixedRandom, public SyncTest {
 protected:
  SyncChunks() : SyncTest(random) {}

  std::unique_ptr<BlobStore> view() { return std::make_unique<MemoryStore>(shared_storage); }

  CountingStore counted{view(), std::chrono::milliseconds(0)};
};

}  // namespace mikura
