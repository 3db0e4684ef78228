#include "format/index.h"

#include <algorithm>

#include "base/check.h"
#include "base/utf8.h"
#include "format/codec.h"
#include "format/content.h"
#include "format/entry_codec.h"
#include "format/tree_rules.h"

namespace mikura {
namespace {

constexpr std::string_view kMagic = "MKIX";
constexpr std::uint8_t kFormatWhole = 1;      // the entries are in it
constexpr std::uint8_t kFormatSegmented = 2;  // they are in segments
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxMessage = 64 * 1024;
constexpr std::size_t kMaxProgram = 64;
constexpr std::size_t kMaxParents = 2;
constexpr std::uint16_t kModeBits = 0777;
// A generation is counted on by one; the top of the range is left out so that it never wraps.
constexpr std::uint64_t kMaxGeneration = INT64_MAX;
constexpr std::size_t kMinSegmentRefBytes = Sha256Digest::kSize + 2;

std::string_view cut(std::string_view text, std::size_t max) {
  return utf8_prefix(text, max);
}

// Free texts come from the machine and the user: made to fit, and to be UTF-8.
std::string_view clean(std::string_view text, std::size_t max) {
  return is_valid_utf8(text) ? cut(text, max) : std::string_view("?");
}

// Why the fields before the entries cannot be; empty if they can.
std::string_view wrong_with_head(const Index& index) {
  if (!is_uuid_v7(index.version.bytes())) return "its id is no UUID of version 7";
  if (index.generation == 0 || index.generation > kMaxGeneration)
    return "its generation is impossible";
  if ((index.generation == 1) != index.parents.empty())
    return "its parents do not fit its generation";
  for (std::size_t i = 0; i < index.parents.size(); ++i) {
    const VersionId& parent = index.parents[i].version;
    if (!is_uuid_v7(parent.bytes())) return "a parent's id is no UUID of version 7";
    if (parent == index.version) return "it is its own parent";
    if (i > 0 && parent == index.parents[0].version) return "its parents are the same";
  }
  if (index.root_mode > kModeBits) return "a mode has more than permission bits";
  return {};
}

void read_head_fields(Reader& reader, Index& index) {
  index.repository = reader.id<RepositoryId>();
  index.version = reader.id<VersionId>();
  index.generation = reader.u64();
  const std::uint64_t parents = reader.varint_max(kMaxParents);
  for (std::uint64_t i = 0; i < parents && reader.ok(); ++i) {
    index.parents.push_back({reader.id<VersionId>(), reader.id<Sha256Digest>()});
  }
  index.created_unix_ms = reader.i64();
  index.device = reader.id<DeviceId>();
  index.device_name = reader.utf8(kMaxName);
  index.author = reader.utf8(kMaxName);
  index.message = reader.utf8(kMaxMessage);
  index.program = reader.utf8(kMaxProgram);
  index.root_mode = reader.u16();
  index.root_mtime_ns = reader.i64();
  if (const std::string_view why = wrong_with_head(index); reader.ok() && !why.empty())
    reader.fail(why);
}

void write_head_fields(Writer& writer, std::uint8_t format, const Index& index) {
  CHECK(index.parents.size() <= kMaxParents && wrong_with_head(index).empty());
  writer.raw(as_bytes(kMagic));
  writer.u8(format);
  writer.id(index.repository);
  writer.id(index.version);
  writer.u64(index.generation);
  writer.varint(index.parents.size());
  for (const ParentRef& parent : index.parents) {
    writer.id(parent.version);
    writer.id(parent.index_sha256);
  }
  writer.i64(index.created_unix_ms);
  writer.id(index.device);
  writer.text(clean(index.device_name, kMaxName));
  writer.text(clean(index.author, kMaxName));
  writer.text(clean(index.message, kMaxMessage));
  writer.text(clean(index.program, kMaxProgram));
  writer.u16(index.root_mode);
  writer.i64(index.root_mtime_ns);
}

Result<void> read_entries(Reader& reader, std::uint64_t max_text_bytes, std::vector<Entry>& out) {
  const std::uint64_t count =
      reader.varint_max(std::min<std::uint64_t>(kMaxIndexEntries, reader.remaining()));
  out.reserve(static_cast<std::size_t>(
      std::min<std::uint64_t>(count, reader.remaining() / kMinEntryBytes)));
  TreeRules rules(max_text_bytes);
  std::string previous;  // a copy: the entries move as they grow
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    read_entry(reader, previous, out.emplace_back());
    if (!reader.ok()) break;
    TRY(rules.add(out.back(), previous));
    previous = out.back().path;
  }
  return {};
}

// Why these cannot be the segments of an index; empty if they can.
std::string_view wrong_with_segments(const std::vector<SegmentRef>& segments) {
  if (segments.empty() || segments.size() > kMaxIndexSegments)
    return "it has an impossible number of segments";
  std::uint64_t entries = 0;
  for (const SegmentRef& segment : segments) {
    if (segment.entries == 0 || segment.entries > kMaxSegmentEntries)
      return "a segment has an impossible number of entries";
    if (segment.size_bytes == 0 || segment.size_bytes > kMaxSegmentBytes)
      return "a segment has an impossible size";
    entries += segment.entries;
  }
  return entries <= kMaxIndexEntries ? std::string_view() : "it has too many entries";
}

void read_segments(Reader& reader, std::vector<SegmentRef>& out) {
  const std::uint64_t count = reader.varint_max(
      std::min<std::uint64_t>(kMaxIndexSegments, reader.remaining() / kMinSegmentRefBytes));
  out.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    SegmentRef segment;
    segment.sha256 = reader.id<Sha256Digest>();
    segment.entries = static_cast<std::uint32_t>(reader.varint_max(kMaxSegmentEntries));
    segment.size_bytes = static_cast<std::uint32_t>(reader.varint_max(kMaxSegmentBytes));
    out.push_back(segment);
  }
  if (const std::string_view why = wrong_with_segments(out); reader.ok() && !why.empty())
    reader.fail(why);
}

Error too_large(std::string what) {
  return Error(Code::full, "the workspace is too large for one version: " + std::move(what))
      .with_hint(
          "Leave folders out with .mikuraignore, or divide the workspace into several "
          "repositories.");
}

}  // namespace

Bytes encode_index(const Index& index) {
  CHECK(index.entries.size() <= kMaxIndexEntries);
  Writer writer;
  write_head_fields(writer, kFormatWhole, index);
  writer.varint(index.entries.size());
  TreeRules rules(kMaxIndexTextBytes);
  std::string_view previous;
  for (const Entry& entry : index.entries) {
    // A version that no reader would take must never be published.
    CHECK(rules.add(entry, previous).has_value());
    write_entry(writer, entry, previous);
    previous = entry.path;
  }
  return writer.take();
}

Bytes encode_index_root(const Index& index, const std::vector<SegmentRef>& segments) {
  CHECK(wrong_with_segments(segments).empty());
  Writer writer;
  write_head_fields(writer, kFormatSegmented, index);
  writer.varint(segments.size());
  for (const SegmentRef& segment : segments) {
    writer.id(segment.sha256);
    writer.varint(segment.entries);
    writer.varint(segment.size_bytes);
  }
  return writer.take();
}

Result<void> IndexLimits::add(const Entry& entry) {
  if (++entries_ > kMaxIndexEntries)
    return too_large("more than " + std::to_string(kMaxIndexEntries) + " entries");
  text_bytes_ += entry.path.size() + entry.target.size();
  if (text_bytes_ > kMaxIndexTextBytes) return too_large("its paths take more than 1 GiB");
  if (entry.kind == EntryKind::file && entry.size_bytes > kMaxFileBytes)
    return too_large("the file " + entry.path);
  return {};
}

Result<void> check_index_limits(const Index& index) {
  IndexLimits limits;
  for (const Entry& entry : index.entries)
    TRY(limits.add(entry));
  return {};
}

bool is_segmented(ByteSpan encoded) {
  return encoded.size() > kMagic.size() &&
         encoded[kMagic.size()] == static_cast<std::byte>(kFormatSegmented);
}

Result<IndexRoot> decode_index_root(ByteSpan bytes, std::uint64_t max_text_bytes) {
  Reader reader(bytes, "the index");
  if (as_text(reader.raw(kMagic.size())) != kMagic)
    reader.fail("it does not start as an index does");
  const std::uint8_t format = reader.u8();
  if (reader.ok() && format > kFormatSegmented) {
    return Error(Code::unsupported, "the version was written in index format " +
                                        std::to_string(format) +
                                        ", which this program does not know")
        .with_hint("Update Mikura.");
  }
  if (format == 0) reader.fail("it has a version 0");
  IndexRoot root;
  read_head_fields(reader, root.index);
  if (format == kFormatSegmented) {
    read_segments(reader, root.segments);
  } else {
    TRY(read_entries(reader, max_text_bytes, root.index.entries));
  }
  TRY(reader.finish());
  return root;
}

Result<Index> decode_index(ByteSpan bytes, std::uint64_t max_text_bytes) {
  TRY_ASSIGN(IndexRoot root, decode_index_root(bytes, max_text_bytes));
  if (!root.segments.empty()) return Error(Code::corrupt, "the index: its entries are in segments");
  return std::move(root.index);
}

const Entry* find_entry(const std::vector<Entry>& entries, std::string_view path) {
  const auto at =
      std::lower_bound(entries.begin(), entries.end(), path,
                       [](const Entry& entry, std::string_view p) { return entry.path < p; });
  return at != entries.end() && at->path == path ? &*at : nullptr;
}

}  // namespace mikura
