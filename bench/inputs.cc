#include "inputs.h"

#include <array>
#include <cstdint>
#include <random>
#include <string_view>

#include <fmt/format.h>

#include "crypto/hash.h"

namespace mikura::benchmarks {
namespace {

constexpr std::uint64_t kSeed = 20'260'102;
constexpr std::size_t kFilesPerFolder = 100;
constexpr std::int64_t kModifiedNs = 1'767'323'045'000'000'000;

Entry folder_entry(std::string path) {
  Entry entry;
  entry.path = std::move(path);
  entry.kind = EntryKind::directory;
  entry.mode = 0755;
  entry.mtime_ns = kModifiedNs;
  return entry;
}

Entry file_entry(std::string path, std::size_t number) {
  Entry entry;
  entry.path = std::move(path);
  entry.mtime_ns = kModifiedNs + static_cast<std::int64_t>(number);
  entry.size_bytes = 1000 + number % 5000;
  entry.sha256 = sha256(as_bytes(entry.path));
  entry.form = ContentForm::whole;
  entry.content = entry.sha256;
  return entry;
}

}  // namespace

Bytes random_bytes(std::size_t size) {
  std::mt19937_64 generator(kSeed);
  Bytes bytes(size);
  for (std::byte& b : bytes)
    b = static_cast<std::byte>(generator() >> 56);
  return bytes;
}

Bytes source_text(std::size_t size) {
  constexpr std::array<std::string_view, 24> kWords{
      "return", "const", "std::",   "string", "if (",   ") {\n  ", ";\n  ", "}\n\n",
      "result", "path",  "entry",   "size",   "value",  "index",   "for (", "auto ",
      " = ",    "->",    "static ", "void ",  "error(", "count",   "&& ",   "nullptr"};
  std::mt19937_64 generator(kSeed);
  Bytes text;
  text.reserve(size + 32);
  while (text.size() < size) {
    const std::string word = generator() % 8 == 0
                                 ? fmt::format("name_{}", generator() % 5000)
                                 : std::string(kWords[generator() % kWords.size()]);
    const ByteSpan bytes = as_bytes(word);
    text.insert(text.end(), bytes.begin(), bytes.end());
  }
  text.resize(size);
  return text;
}

std::vector<Entry> tree_of(std::size_t files) {
  std::vector<Entry> entries;
  entries.reserve(files + files / kFilesPerFolder + 1);
  for (std::size_t i = 0; i < files; ++i) {
    const std::string folder = fmt::format("package-{:06}", i / kFilesPerFolder);
    if (i % kFilesPerFolder == 0) entries.push_back(folder_entry(folder));
    entries.push_back(
        file_entry(fmt::format("{}/module_{:02}.txt", folder, i % kFilesPerFolder), i));
  }
  return entries;
}

}  // namespace mikura::benchmarks
