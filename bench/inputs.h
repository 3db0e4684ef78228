// What the micro-benchmarks work on: always the same bytes and trees, from a fixed generator.
#pragma once

#include <cstddef>
#include <vector>

#include "base/bytes.h"
#include "crypto/random.h"
#include "crypto/secret_key.h"
#include "format/entry.h"

namespace mikura::benchmarks {

// Bytes that do not compress.
Bytes random_bytes(std::size_t size);
// Text with the vocabulary and the repetition of source code: zstd makes about a quarter of it.
Bytes source_text(std::size_t size);

// Of a SecretKey's type.
template <class Key>
Key random_key() {
  ByteArray<Key::kSize> bytes;
  system_random().fill(bytes);
  return Key(bytes);
}

// `files` files, a hundred to a folder, ascending by path as an index has them.
std::vector<Entry> tree_of(std::size_t files);

}  // namespace mikura::benchmarks
