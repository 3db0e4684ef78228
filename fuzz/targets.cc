#include "targets.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "crypto/bech32.h"
#include "crypto/user_key.h"
#include "format/chunk_parts.h"
#include "format/chunker.h"
#include "format/codec.h"
#include "format/compression.h"
#include "format/format_test_values.h"
#include "format/index_segments.h"
#include "format/keyring_codec.h"
#include "format/path.h"
#include "local/ignore.h"
#include "merge/text_diff.h"
#include "net/aws_config.h"
#include "net/child_output.h"
#include "net/credential_fields.h"
#include "net/s3_xml.h"
#include "net/sts.h"
#include "store/open_store.h"

namespace mikura::fuzz {
namespace {

void index(ByteSpan input) {
  const auto decoded = decode_index_root(input);
  if (!decoded) return;
  CHECK(is_segmented(input) == !decoded->segments.empty());
  CHECK(std::ranges::equal(is_segmented(input)
                               ? encode_index_root(decoded->index, decoded->segments)
                               : encode_index(decoded->index),
                           input));
}

// As the only segment of an index that names it. The number of entries stands behind magic and
// format.
void index_segment(ByteSpan input) {
  Reader reader(input, "input");
  reader.raw(5);
  const auto count = static_cast<std::uint32_t>(reader.varint_max(kMaxSegmentEntries));
  const std::vector<SegmentRef> segments{reference_to(count, input)};
  SegmentedEntries stream(segments,
                          [&](const SegmentRef&) -> Result<Bytes> { return to_bytes(input); });
  std::vector<Entry> entries;
  for (;;) {
    const auto entry = stream.next();
    if (!entry) return;
    if (*entry == nullptr) break;
    entries.push_back(**entry);
  }
  CHECK(entries.size() == count && std::ranges::equal(encode_segment(entries), input));
}

void head(ByteSpan input) {
  const auto decoded = decode_head(input);
  if (decoded) CHECK(std::ranges::equal(encode_head(*decoded), input));
}

// The first 12 bytes are what the list says of the part.
void chunk_part(ByteSpan input) {
  Reader reader(input, "a seed");
  const std::uint32_t chunks = reader.u32();
  const std::uint64_t size_bytes = reader.u64();
  if (!reader.ok()) return;
  const ByteSpan encoded = input.subspan(12);
  const auto decoded = decode_chunk_part(encoded, {{}, chunks, size_bytes});
  if (decoded) CHECK(std::ranges::equal(encode_chunk_part(*decoded), encoded));
}

// Any bytes, cut; the first 8 say how large the file is said to be.
void chunker(ByteSpan input) {
  static const GearTable gear(ChunkKey(ByteArray<32>{}));
  Reader reader(input, "a seed");
  const std::uint64_t size_bytes = reader.u64() % (kMaxFileBytes + 1);
  if (!reader.ok()) return;
  ByteSpan file = input.subspan(8);
  const Chunker cutter(gear, size_bytes, file.first(std::min(file.size(), kFileMagicBytes)));
  while (!file.empty()) {
    const std::size_t size = cutter.cut(file);
    CHECK(size > 0 && size <= std::min(file.size(), cutter.max_bytes()));
    file = file.subspan(size);
  }
}

void log_segment(ByteSpan input) {
  const auto decoded = decode_log_segment(input);
  if (decoded) CHECK(std::ranges::equal(encode_log_segment(*decoded), input));
}

void chunk_list(ByteSpan input) {
  const auto decoded = decode_chunk_list(input);
  if (decoded) CHECK(std::ranges::equal(encode_chunk_list(*decoded), input));
  const auto parted = decode_parted_list(input);
  if (parted) CHECK(std::ranges::equal(encode_parted_list(*parted), input));
}

// 16 MiB is the most that any pack has.
void pack_directory(ByteSpan input) {
  const auto decoded = decode_pack_directory(input, kMaxPackBytes);
  if (decoded) CHECK(std::ranges::equal(encode_pack_directory(*decoded), input));
  const auto footer = decode_pack_footer(input);
  if (footer) CHECK(std::ranges::equal(encode_pack_footer(*footer), input));
}

void catalog(ByteSpan input) {
  const auto decoded = decode_catalog(input);
  if (decoded) CHECK(std::ranges::equal(encode_catalog(*decoded), input));
}

// The trailing hash would keep a fuzzer out: it is made right.
Bytes with_trailer(ByteSpan body) {
  Bytes bytes = to_bytes(body);
  append(bytes, sha256(body).bytes());
  return bytes;
}

void repository(ByteSpan input) {
  static_cast<void>(decode_repository(input).has_value());
  const Bytes bytes = with_trailer(input);
  const auto decoded = decode_repository(bytes);
  if (decoded) CHECK(encode_repository(*decoded) == bytes);
}

void slot(ByteSpan input) {
  static const KeySource key = KeySource::key(sample_user_key());
  static_cast<void>(
      open_keyring(input, filled_id<RepositoryId>(0x11), kSampleSlot, key).has_value());
  static_cast<void>(
      open_keyring(with_trailer(input), filled_id<RepositoryId>(0x11), kSampleSlot, key)
          .has_value());
}

// Inside a slot, where no fuzzer comes by itself.
void keyring(ByteSpan input) {
  const auto decoded = decode_keyring(input);
  if (decoded) CHECK(std::ranges::equal(encode_keyring(*decoded).expose(), input));
}

// As an object from the store; and as a payload, which comes back as it was, and not at all from an
// object that was changed.
void envelope(ByteSpan input) {
  static const EpochKey key = sample_epoch_key();
  constexpr std::uint64_t kMax = 1 << 20;
  const SealContext context{filled_id<RepositoryId>(0x11), ObjectType::blob, kSampleBlob, 1,
                            key.expose()};
  static_cast<void>(sealed_epoch(input).has_value());
  const auto opened = open_sealed(context, input, kMax);
  CHECK(!opened || opened->size() <= kMax);

  CountingRandom random;
  Bytes object = seal(context, input, random);
  const auto again = open_sealed(context, object, input.size());
  CHECK(again && std::ranges::equal(*again, input));
  const Sha256Digest digest = sha256(input);  // chooses the byte to change
  std::size_t at = 0;
  for (const std::byte b : digest.bytes().first<4>())
    at = at << 8 | static_cast<std::size_t>(b);
  at %= object.size();
  object[at] ^= std::byte{0x20};
  CHECK(!open_sealed(context, object, kMax));
}

// What lies inside the encryption, as a holder of the key could write it: codec, u32 size, stored
// bytes.
void decompression(ByteSpan input) {
  Reader reader(input, "input");
  const std::uint8_t codec = reader.u8();
  const std::uint32_t size = reader.u32() % (1 << 20);
  const ByteSpan stored = reader.raw(reader.remaining());
  const auto data = decompress(codec, to_bytes(stored), size);
  CHECK(!data || data->size() == size);
  if (const auto packed = compress(stored)) {
    CHECK(packed->bytes().size() < stored.size());
    const auto again = decompress(1, to_bytes(packed->bytes()), stored.size());
    CHECK(again && std::ranges::equal(*again, stored));
  }
}

void path(ByteSpan input) {
  const std::string_view text = as_text(input);
  if (!validate_path(text)) return;
  CHECK(!text.empty() && text.size() <= kMaxPathBytes && text.front() != '/' &&
        text.find("/../") == std::string_view::npos);
  CHECK(validate_component(file_name(text), false) &&
        (parent_path(text).empty() || validate_path(parent_path(text))));
  static_cast<void>(portability_problem(file_name(text)).has_value());
  const std::string copy = conflict_copy_name(file_name(text), "20260102.030405", 3);
  CHECK(copy.size() <= kMaxComponentBytes && is_conflict_copy_name(copy));
}

void user_key(ByteSpan input) {
  const auto key = parse_user_key(input);
  if (!key) return;
  const SecretBytes text = format_user_key(*key);
  const auto again = parse_user_key(text.expose());
  CHECK(again && equal_constant_time(again->expose(), key->expose()));
}

void ignore_rules(ByteSpan input) {
  const std::string_view text = as_text(input);
  const std::size_t end = text.find('\0');
  const IgnoreRules rules = IgnoreRules::parse(text.substr(0, end));
  const std::string_view subject =
      end == std::string_view::npos ? "some/path.txt" : text.substr(end + 1);
  static_cast<void>(rules.match(subject, true));
  static_cast<void>(rules.match(subject, false));
}

void s3_list(ByteSpan input) {
  static_cast<void>(parse_list_result(as_text(input)).has_value());
}

void aws_config(ByteSpan input) {
  static_cast<void>(AwsConfigFile::parse(as_text(input), "config").has_value());
}

// What programs and services print: JSON, STS's XML, a time, a command line.
void credentials(ByteSpan input) {
  const std::string_view text = as_text(input);
  const auto fields = JsonFields::parse(text, "it");
  if (fields) static_cast<void>(credentials_in(*fields, {}, "it", "it").has_value());
  Bytes xml = to_bytes(input);
  static_cast<void>(parse_sts_answer(xml, "AssumeRole", "it").has_value());
  static_cast<void>(parse_expiration_ms(text).has_value());
  const auto words = split_command_line(text);
  if (words) {
    for (const std::string& word : *words)
      CHECK(word.size() <= text.size());
  }
}

void store_url(ByteSpan input) {
  const auto url = StoreUrl::parse(as_text(input));
  if (!url) return;
  const auto again = StoreUrl::parse(url->to_string());
  CHECK(again && *again == *url);
}

void text_diff(ByteSpan input) {
  const std::string_view text = as_text(input);
  const std::size_t middle = text.size() / 2;
  const std::string hunks = unified_hunks(text.substr(0, middle), text.substr(middle));
  CHECK(hunks.empty() == (text.substr(0, middle) == text.substr(middle)));
}

constexpr auto kTargets = std::to_array<Target>({
    {"aws_config", aws_config},
    {"catalog", catalog},
    {"chunk_list", chunk_list},
    {"chunk_part", chunk_part},
    {"chunker", chunker},
    {"credentials", credentials},
    {"decompression", decompression},
    {"envelope", envelope},
    {"head", head},
    {"ignore_rules", ignore_rules},
    {"index", index},
    {"index_segment", index_segment},
    {"keyring", keyring},
    {"log_segment", log_segment},
    {"pack_directory", pack_directory},
    {"path", path},
    {"repository", repository},
    {"rpc", rpc},
    {"s3_list", s3_list},
    {"slot", slot},
    {"store_url", store_url},
    {"text_diff", text_diff},
    {"user_key", user_key},
});

}  // namespace

std::span<const Target> all_targets() {
  return kTargets;
}

}  // namespace mikura::fuzz
