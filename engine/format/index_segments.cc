#include "format/index_segments.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/siphash.h"
#include "format/entry_codec.h"

namespace mikura {
namespace {

constexpr std::string_view kMagic = "MKIS";
constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kCutLabel = "mikura/v1/index-cut";
// A segment ends with an entry whose path says so, from the 128th on: after 384 more on average.
// That is some 30 KiB: small enough to be written anew for one file, large enough that a million
// files need no more than 2000.
constexpr std::uint32_t kMinEntries = 128;
constexpr std::uint64_t kMeanBeyond = 384;
constexpr std::uint32_t kMaxEntries = 2048;
constexpr std::size_t kMaxBodyBytes = 256 * 1024;

Error damaged(const std::string& why) {
  return Error(Code::corrupt, "a segment of the index is damaged: " + why);
}

Bytes segment_of(std::uint32_t count, ByteSpan entries) {
  Writer writer;
  writer.reserve(kMagic.size() + 1 + 3 + entries.size());
  writer.raw(as_bytes(kMagic));
  writer.u8(kFormat);
  writer.varint(count);
  writer.raw(entries);
  return writer.take();
}

}  // namespace

CutKey derive_cut_key(const ChunkKey& chunk_key) {
  ByteArray<CutKey::kSize> bytes;
  hkdf_expand(chunk_key.expose(), as_bytes(kCutLabel), bytes);
  CutKey key(bytes);
  wipe(bytes);
  return key;
}

SegmentWriter::SegmentWriter(const CutKey& key, Sink sink)
    : sink_(std::move(sink)), rules_(kMaxIndexTextBytes) {
  const auto half = key.expose().first<16>();
  std::copy(half.begin(), half.end(), cut_key_.begin());
}

Result<void> SegmentWriter::add(const Entry& entry) {
  TRY(limits_.add(entry));
  // A version that no reader would take must never be published.
  CHECK(rules_.add(entry, previous_).has_value());
  write_entry(body_, entry, count_ == 0 ? std::string_view() : std::string_view(previous_));
  ++count_;
  previous_ = entry.path;
  const bool may_end = count_ >= kMinEntries || body_.bytes().size() >= kMaxBodyBytes;
  if (!may_end) return {};
  const bool must_end = count_ >= kMaxEntries || body_.bytes().size() >= kMaxBodyBytes;
  if (must_end || siphash(cut_key_, as_bytes(entry.path)) < UINT64_MAX / kMeanBeyond)
    return end_segment();
  return {};
}

Result<std::vector<SegmentRef>> SegmentWriter::finish() {
  if (count_ > 0) TRY(end_segment());
  return std::move(segments_);
}

Result<void> SegmentWriter::end_segment() {
  Bytes encoded = segment_of(count_, body_.bytes());
  body_ = Writer();
  CHECK(encoded.size() <= kMaxSegmentBytes);
  segments_.push_back(reference_to(count_, encoded));
  count_ = 0;
  return sink_(segments_.back(), std::move(encoded));
}

Bytes encode_segment(std::span<const Entry> entries) {
  Writer body;
  std::string_view previous;
  for (const Entry& entry : entries) {
    write_entry(body, entry, previous);
    previous = entry.path;
  }
  return segment_of(static_cast<std::uint32_t>(entries.size()), body.bytes());
}

SegmentRef reference_to(std::uint32_t entries, ByteSpan segment) {
  return {sha256(segment), entries, static_cast<std::uint32_t>(segment.size())};
}

Result<const Entry*> SegmentedEntries::next() {
  while (left_ == 0) {
    if (reader_) {
      TRY(reader_->finish());
      reader_.reset();
    }
    if (at_ == segments_.size()) return nullptr;
    TRY(open_segment());
  }
  std::swap(current_, previous_);
  read_entry(*reader_, starts_segment_ ? std::string_view() : std::string_view(previous_.path),
             current_);
  if (!reader_->ok()) {
    TRY(reader_->finish());
  }
  TRY(rules_.add(current_, previous_.path));
  starts_segment_ = false;
  --left_;
  return &current_;
}

Result<void> SegmentedEntries::open_segment() {
  const SegmentRef& segment = segments_[at_++];
  TRY_ASSIGN(encoded_, fetch_(segment));
  if (encoded_.size() != segment.size_bytes || sha256(encoded_) != segment.sha256)
    return damaged("it is not the one that the index names");
  reader_.emplace(encoded_, "a segment of the index");
  if (as_text(reader_->raw(kMagic.size())) != kMagic)
    reader_->fail("it does not start as a segment does");
  const std::uint8_t format = reader_->u8();
  if (reader_->ok() && format > kFormat) {
    return Error(Code::unsupported,
                 "a segment of the index is of a newer format than this program knows")
        .with_hint("Update Mikura.");
  }
  if (format == 0) reader_->fail("it has a version 0");
  left_ = static_cast<std::uint32_t>(reader_->varint_max(kMaxSegmentEntries));
  if (reader_->ok() && left_ != segment.entries)
    reader_->fail("it has another number of entries than the index says");
  if (!reader_->ok()) TRY(reader_->finish());
  starts_segment_ = true;
  return {};
}

}  // namespace mikura
