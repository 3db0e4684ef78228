// Whole small repositories, frozen (tests/vectors/format/store; store-packs with its blobs in a
// pack; store-segments with its last version in segments besides, one of them in the pack): read as
// a client reads them, from the key to the files' bytes.
//
// Its objects are compressed, and zstd's versions differ in what they write, so they are only read.
// As with the other golden files, MIKURA_ACCEPT_GOLDEN=1 writes what is missing and changes
// nothing.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "format/format_test_values.h"

namespace mikura {
namespace {

const RepositoryId kRepository = filled_id<RepositoryId>(0x11);
constexpr unsigned char kPackId = 0x71;
constexpr unsigned char kCatalogId = 0x72;

enum class Kind { plain, packed, segmented };

using Objects = std::map<std::string, Bytes, std::less<>>;

// The files of the frozen version, with their content; "large.bin" is stored in chunks of at most
// 1000 bytes.
std::map<std::string, std::string> contents(Kind kind) {
  std::map<std::string, std::string> many;
  for (int i = 0; kind != Kind::plain && i < 20; ++i)
    many["p/" + std::to_string(i)] = "small file " + std::to_string(i * i);
  if (kind != Kind::plain) return many;
  std::string large;
  for (int i = 0; i < 300; ++i)
    large += "line " + std::to_string(i) + "\n";
  return {{"a-b", "between"},
          {"a/empty", ""},
          {"a/x.txt", "hello"},
          {"large.bin", large},
          {"日本語", "御蔵"}};
}

class StoreWriter {
 public:
  explicit StoreWriter(Kind kind) : kind_(kind), packed_(kind != Kind::plain) {
    objects_[std::string(kRepositoryName)] = encode_repository(sample_repository());
    const auto source = KeySource::key(sample_user_key());
    objects_[std::string(kSampleSlot)] =
        *seal_keyring(keyring_, kRepository, kSampleSlot, source, {}, random_);
    Index first = sample_index();
    first.version = version_of(0x21);
    first.generation = 1;
    first.parents.clear();
    first.entries.clear();
    const LogRecord one = put_index(first);
    Index second = sample_index();
    second.parents = {{one.version, one.index_sha256}};
    second.entries = entries();
    put_head({one, kind_ == Kind::segmented ? put_in_segments(second) : put_index(second)});
  }

  Objects take() { return std::move(objects_); }

 private:
  void put(const std::string& name, ObjectType type, ByteSpan payload) {
    objects_[name] =
        seal({kRepository, type, name, 1, keyring_.epoch_key(1)->expose()}, payload, random_);
  }
  std::string name_of(const Sha256Digest& content) const {
    return object_name(blob_id(NamingScheme::hmac_sha256, keyring_.name_key, content));
  }
  void put_blob(ByteSpan data) { put_content(ObjectType::blob, data, packed_); }

  void put_content(ObjectType type, ByteSpan data, bool pack) {
    const Sha256Digest content = sha256(data);
    const std::string name = name_of(content);
    put(name, type, data);
    if (!pack) return;
    // What would be stored alone goes into the pack as it is.
    const Bytes sealed = std::move(objects_.extract(name).mapped());
    entries_.push_back({content, static_cast<std::uint32_t>(blobs_.size()),
                        static_cast<std::uint32_t>(sealed.size())});
    append(blobs_, sealed);
  }

  void put_pack_and_catalog(Head& head) {
    const std::string pack = pack_name(filled_id<Uuid>(kPackId));
    put(pack, ObjectType::pack_directory, encode_pack_directory(entries_));
    const Bytes directory = objects_[pack];
    append(blobs_, directory);
    append(blobs_, encode_pack_footer(static_cast<std::uint32_t>(directory.size())));
    objects_[pack] = blobs_;
    const std::string catalog = catalog_name(filled_id<Uuid>(kCatalogId));
    put(catalog, ObjectType::catalog, encode_catalog({{{filled_id<Uuid>(kPackId), entries_}}}));
    head.catalogs = {catalog};
    head.min_format = kind_ == Kind::segmented ? kFormatWithSegments : kFormatWithCatalogs;
  }

  // The first in the pack, the second as an object of its own.
  LogRecord put_in_segments(const Index& index) {
    const std::vector<Bytes> parts{encode_segment(std::span(index.entries).first(8)),
                                   encode_segment(std::span(index.entries).subspan(8))};
    put_content(ObjectType::index_segment, parts[0], true);
    put_content(ObjectType::index_segment, parts[1], false);
    const Bytes encoded = encode_index_root(
        index, {reference_to(8, parts[0]),
                reference_to(static_cast<std::uint32_t>(index.entries.size() - 8), parts[1])});
    put(index_name(index.version), ObjectType::index, encoded);
    return {index.generation, index.version, sha256(encoded)};
  }

  LogRecord put_index(const Index& index) {
    const Bytes encoded = encode_index(index);
    put(index_name(index.version), ObjectType::index, encoded);
    return {index.generation, index.version, sha256(encoded)};
  }

  void put_head(const std::vector<LogRecord>& log) {
    Head head = sample_head(0);
    for (const LogRecord& record : log)
      head.log_hash = next_log_hash(head.log_hash, record);
    head.log_tail = log;
    head.generation = log.back().generation;
    head.version = log.back().version;
    head.index_sha256 = log.back().index_sha256;
    if (packed_) put_pack_and_catalog(head);
    put(std::string(kHeadName), ObjectType::head, encode_head(head));
  }

  std::vector<Entry> entries() {
    std::map<std::string, Entry> tree;
    if (packed_) {
      tree.emplace("p", directory_entry("p"));
    } else {
      tree.emplace("a", directory_entry("a"));
      tree.emplace("link", symlink_entry("link", "a/x.txt"));
    }
    for (const auto& [path, content] : contents(kind_)) {
      Entry entry = file_entry(path, content, path == "a/x.txt" ? 0755 : 0644);
      if (path == "large.bin") {
        const Bytes list = put_chunks(content);
        entry.form = ContentForm::chunks;
        entry.content = sha256(list);
        put(name_of(entry.content), ObjectType::chunk_list, list);
      } else {
        put_blob(as_bytes(content));
      }
      tree.emplace(path, entry);
    }
    std::vector<Entry> sorted;
    for (const auto& [path, entry] : tree)
      sorted.push_back(entry);
    return sorted;
  }

  Bytes put_chunks(std::string_view content) {
    ChunkList list{sha256(as_bytes(content)), content.size(), {}};
    for (; !content.empty(); content.remove_prefix(std::min<std::size_t>(1000, content.size()))) {
      const ByteSpan chunk = as_bytes(content.substr(0, 1000));
      list.chunks.push_back({sha256(chunk), static_cast<std::uint32_t>(chunk.size())});
      put_blob(chunk);
    }
    return encode_chunk_list(list);
  }

  const Kind kind_;
  const bool packed_;
  CountingRandom random_{"store"};
  const Keyring keyring_ = sample_keyring();
  Objects objects_;
  Bytes blobs_;
  std::vector<PackEntry> entries_;
};

std::string folder_of(Kind kind) {
  const std::string store = std::string(MIKURA_SOURCE_DIR) + "/tests/vectors/format/store";
  if (kind == Kind::plain) return store + "/";
  return store + (kind == Kind::packed ? "-packs/" : "-segments/");
}

// One flat folder: '/' in a name is '+' in its file's.
std::string file_of(Kind kind, std::string name) {
  for (char& c : name) {
    if (c == '/') c = '+';
  }
  return folder_of(kind) + name;
}

void accept_missing(Kind kind) {
  const std::string folder = folder_of(kind);
  if (std::getenv("MIKURA_ACCEPT_GOLDEN") == nullptr || std::filesystem::exists(folder)) return;
  ASSERT_TRUE(make_directories(folder));
  for (const auto& [name, bytes] : StoreWriter(kind).take())
    ASSERT_TRUE(write_file_atomically(file_of(kind, name), bytes));
}

class GoldenStoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    accept_missing(kind());
    const auto slot = read(kSampleSlot);
    auto keyring = open_keyring(slot, kRepository, kSampleSlot, KeySource::key(sample_user_key()));
    ASSERT_TRUE(keyring) << keyring.error().message();
    keyring_.emplace(*std::move(keyring));
  }

  static Kind kind() { return GetParam(); }
  static bool packed() { return kind() != Kind::plain; }

  static Bytes read(std::string_view name) {
    auto bytes = read_file(file_of(kind(), std::string(name)), 1 << 20);
    EXPECT_TRUE(bytes) << bytes.error().message();
    return bytes ? *std::move(bytes) : Bytes();
  }

  Bytes open(const std::string& name, ObjectType type) {
    return open_bytes(name, type, read(name));
  }
  Bytes open_bytes(const std::string& name, ObjectType type, ByteSpan object) {
    const auto epoch = sealed_epoch(object);
    EXPECT_TRUE(epoch) << name;
    auto payload = open_sealed(
        {kRepository, type, name, *epoch, keyring_->epoch_key(*epoch)->expose()}, object, 1 << 20);
    EXPECT_TRUE(payload) << payload.error().message();
    return payload ? *std::move(payload) : Bytes();
  }

  std::string name_of(const Sha256Digest& content) const {
    return object_name(blob_id(NamingScheme::hmac_sha256, keyring_->name_key, content));
  }

  Bytes content_of(const Entry& entry) {
    if (packed()) return packed_content(entry.content);
    if (entry.form == ContentForm::whole) return open(name_of(entry.content), ObjectType::blob);
    const Bytes encoded = open(name_of(entry.content), ObjectType::chunk_list);
    EXPECT_EQ(sha256(encoded), entry.content);
    const auto list = decode_chunk_list(encoded);
    EXPECT_TRUE(list);
    Bytes content;
    for (const Chunk& chunk : list->chunks)
      append(content, open(name_of(chunk.sha256), ObjectType::blob));
    return content;
  }

  // HEAD, catalog, range of the pack.
  Bytes packed_content(const Sha256Digest& content, ObjectType type = ObjectType::blob) {
    const auto head = decode_head(open("HEAD", ObjectType::head));
    EXPECT_EQ(head->catalogs.size(), 1U);
    const auto catalog = decode_catalog(open(head->catalogs.front(), ObjectType::catalog));
    const CatalogPack& pack = catalog->packs.front();
    const Bytes bytes = read(pack_name(pack.pack));
    for (const PackEntry& entry : pack.entries) {
      if (entry.content != content) continue;
      return open_bytes(name_of(content), type,
                        std::span(bytes).subspan(entry.offset_bytes, entry.size_bytes));
    }
    ADD_FAILURE() << "no pack has it";
    return {};
  }

  // With its entries, wherever they are.
  Result<Index> index_of(const VersionId& version) {
    TRY_ASSIGN(IndexRoot root, decode_index_root(open(index_name(version), ObjectType::index)));
    if (root.segments.empty()) return std::move(root.index);
    EXPECT_EQ(kind(), Kind::segmented);
    SegmentedEntries stream(root.segments, [&](const SegmentRef& segment) -> Result<Bytes> {
      const std::string name = name_of(segment.sha256);
      const bool alone = std::filesystem::exists(file_of(kind(), name));
      return alone ? open(name, ObjectType::index_segment)
                   : packed_content(segment.sha256, ObjectType::index_segment);
    });
    for (;;) {
      TRY_ASSIGN(const Entry* entry, stream.next());
      if (entry == nullptr) return std::move(root.index);
      root.index.entries.push_back(*entry);
    }
  }

  std::optional<Keyring> keyring_;
};

INSTANTIATE_TEST_SUITE_P(Stores, GoldenStoreTest,
                         ::testing::Values(Kind::plain, Kind::packed, Kind::segmented),
                         [](const auto& which) {
                           return which.param == Kind::plain    ? "WithoutPacks"
                                  : which.param == Kind::packed ? "WithPacks"
                                                                : "WithSegments";
                         });

TEST_P(GoldenStoreTest, TheKeyringIsBoundToTheRepositoryObject) {
  const Bytes repository = read(kRepositoryName);
  EXPECT_EQ(keyring_->repository_sha256, sha256(repository));
  EXPECT_EQ(decode_repository(repository)->id, kRepository);
}

TEST_P(GoldenStoreTest, TheHistoryHangsTogether) {
  const auto head = decode_head(open("HEAD", ObjectType::head));
  ASSERT_TRUE(head) << head.error().message();
  EXPECT_EQ(head->generation, 2U);
  ASSERT_EQ(head->log_tail.size(), 2U);
  for (const LogRecord& record : head->log_tail) {
    const Bytes encoded = open(index_name(record.version), ObjectType::index);
    EXPECT_EQ(sha256(encoded), record.index_sha256);
    EXPECT_EQ(is_segmented(encoded), kind() == Kind::segmented && record.generation == 2);
    const auto index = index_of(record.version);
    ASSERT_TRUE(index) << index.error().message();
    EXPECT_EQ(index->version, record.version);
    EXPECT_EQ(index->generation, record.generation);
  }
}

TEST_P(GoldenStoreTest, EveryFileHasItsContent) {
  const auto index = index_of(version_of(0x22));
  ASSERT_TRUE(index) << index.error().message();
  std::map<std::string, std::string> found;
  for (const Entry& entry : index->entries) {
    if (entry.kind != EntryKind::file) continue;
    const Bytes content = content_of(entry);
    EXPECT_EQ(sha256(content), entry.sha256) << entry.path;
    found[entry.path] = as_text(content);
  }
  EXPECT_EQ(found, contents(kind()));
}

TEST_P(GoldenStoreTest, TheDirectoryOfAPackSaysWhatItsCatalogSays) {
  if (!packed()) GTEST_SKIP() << "there is no pack";
  const std::string name = pack_name(filled_id<Uuid>(kPackId));
  const Bytes bytes = read(name);
  const std::size_t end = bytes.size() - kPackFooterBytes;
  const auto size = decode_pack_footer(std::span(bytes).subspan(end));
  ASSERT_TRUE(size);
  const Bytes encoded =
      open_bytes(name, ObjectType::pack_directory, std::span(bytes).subspan(end - *size, *size));
  const auto entries = decode_pack_directory(encoded, end - *size);
  ASSERT_TRUE(entries);
  const auto catalog =
      decode_catalog(open(catalog_name(filled_id<Uuid>(kCatalogId)), ObjectType::catalog));
  ASSERT_TRUE(catalog);
  EXPECT_EQ(*entries, catalog->packs.front().entries);
}

// The writer of today writes what the reader of today reads; the frozen objects are read by the
// tests above.
TEST_P(GoldenStoreTest, TodaysWriterNamesItsObjectsTheSame) {
  std::map<std::string, bool> files;
  for (const auto& file : std::filesystem::directory_iterator(folder_of(kind())))
    files[file.path().string()] = true;
  for (const auto& [name, bytes] : StoreWriter(kind()).take())
    EXPECT_TRUE(files.erase(file_of(kind(), name)) == 1) << name;
  EXPECT_TRUE(files.empty());
}

}  // namespace
}  // namespace mikura
