#include "targets.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "crypto/bech32.h"
#include "crypto/user_key.h"
#include "format/compression.h"
#include "format/format_test_values.h"
#include "format/path.h"
#include "local/ignore.h"
#include "merge/text_diff.h"
#include "net/aws_config.h"
#include "net/s3_xml.h"
#include "store/open_store.h"

namespace mikura::fuzz {
namespace {

void index(ByteSpan input) {
  const auto decoded = decode_index(input);
  if (decoded) CHECK(std::ranges::equal(encode_index(*decoded), input));
}

void head(ByteSpan input) {
  const auto decoded = decode_head(input);
  if (decoded) CHECK(std::ranges::equal(encode_head(*decoded), input));
}

void log_segment(ByteSpan input) {
  const auto decoded = decode_log_segment(input);
  if (decoded) CHECK(std::ranges::equal(encode_log_segment(*decoded), input));
}

void chunk_list(ByteSpan input) {
  const auto decoded = decode_chunk_list(input);
  if (decoded) CHECK(std::ranges::equal(encode_chunk_list(*decoded), input));
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

void envelope(ByteSpan input) {
  static const EpochKey key = sample_epoch_key();
  const SealContext context{filled_id<RepositoryId>(0x11), ObjectType::blob, kSampleBlob, 1,
                            key.expose()};
  static_cast<void>(sealed_epoch(input).has_value());
  const auto opened = open_sealed(context, input, 1 << 20);
  if (opened) CHECK(opened->size() <= (1 << 20));
}

// What lies inside the encryption: reached by sealing the input as it is.
void decompression(ByteSpan input) {
  if (input.empty()) return;
  const auto codec = std::to_integer<std::uint8_t>(input[0]);
  const auto data = decompress(codec, to_bytes(input.subspan(1)), input.size() * 3);
  if (data) CHECK(data->size() == input.size() * 3);
}

void path(ByteSpan input) {
  const std::string_view text = as_text(input);
  if (!validate_path(text)) return;
  CHECK(!text.empty() && text.size() <= kMaxPathBytes && text.front() != '/' &&
        text.find("/../") == std::string_view::npos);
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
    {"chunk_list", chunk_list},
    {"decompression", decompression},
    {"envelope", envelope},
    {"head", head},
    {"ignore_rules", ignore_rules},
    {"index", index},
    {"log_segment", log_segment},
    {"path", path},
    {"repository", repository},
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
