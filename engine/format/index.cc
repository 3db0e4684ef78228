#include "format/index.h"

#include <algorithm>
#include <functional>
#include <set>

#include "base/check.h"
#include "base/utf8.h"
#include "format/codec.h"
#include "format/content.h"
#include "format/envelope.h"
#include "format/path.h"

namespace mikura {
namespace {

constexpr std::string_view kMagic = "MKIX";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxMessage = 64 * 1024;
constexpr std::size_t kMaxProgram = 64;
constexpr std::size_t kMaxParents = 2;
constexpr std::size_t kMaxTarget = 4096;
constexpr std::uint16_t kModeBits = 0777;
constexpr std::uint16_t kSymlinkMode = 0777;
// A generation is counted on by one; the top of the range is left out so that it never wraps.
constexpr std::uint64_t kMaxGeneration = INT64_MAX;
// The least an entry takes: shared, path, kind, mode, mtime.
constexpr std::size_t kMinEntryBytes = 1 + 2 + 1 + 2 + 8;

std::string_view cut(std::string_view text, std::size_t max) {
  return utf8_prefix(text, max);
}

// Free texts come from the machine and the user: made to fit, and to be UTF-8.
std::string_view clean(std::string_view text, std::size_t max) {
  return is_valid_utf8(text) ? cut(text, max) : std::string_view("?");
}

std::size_t shared_prefix(std::string_view a, std::string_view b) {
  const std::size_t limit = std::min({a.size(), b.size(), kMaxPathBytes});
  std::size_t n = 0;
  while (n < limit && a[n] == b[n])
    ++n;
  return n;
}

void write_entry(Writer& writer, const Entry& entry, std::string_view previous) {
  const std::size_t shared = shared_prefix(previous, entry.path);
  writer.varint(shared);
  writer.text(std::string_view(entry.path).substr(shared));
  writer.u8(static_cast<std::uint8_t>(entry.kind));
  writer.u16(entry.mode);
  writer.i64(entry.mtime_ns);
  switch (entry.kind) {
    case EntryKind::file:
      writer.varint(entry.size_bytes);
      writer.id(entry.sha256);
      writer.u8(static_cast<std::uint8_t>(entry.form));
      if (entry.form == ContentForm::chunks) writer.id(entry.content);
      break;
    case EntryKind::symlink:
      writer.text(entry.target);
      break;
    case EntryKind::directory:
      break;
  }
}

void read_file_fields(Reader& reader, Entry& entry) {
  entry.size_bytes = reader.varint();
  entry.sha256 = reader.id<Sha256Digest>();
  entry.form = static_cast<ContentForm>(reader.u8());
  entry.content = entry.form == ContentForm::chunks ? reader.id<Sha256Digest>() : entry.sha256;
}

// The fields as they are; TreeRules says which values may be.
Entry read_entry(Reader& reader, std::string_view previous) {
  Entry entry;
  const std::size_t shared = static_cast<std::size_t>(reader.varint_max(previous.size()));
  const std::string_view rest = reader.text(kMaxPathBytes);
  entry.path.reserve(shared + rest.size());
  entry.path.append(previous.substr(0, shared)).append(rest);
  if (reader.ok() && shared_prefix(previous, entry.path) != shared) {
    reader.fail("a path is not written in its shortest form");
  }
  entry.kind = static_cast<EntryKind>(reader.u8());
  entry.mode = reader.u16();
  entry.mtime_ns = reader.i64();
  switch (entry.kind) {
    case EntryKind::file:
      read_file_fields(reader, entry);
      break;
    case EntryKind::symlink:
      entry.target = reader.text(kMaxTarget);
      entry.size_bytes = entry.target.size();
      break;
    case EntryKind::directory:
      break;
    default:
      reader.fail("an entry has an unknown kind");
  }
  return entry;
}

// Why a file's fields cannot be; empty if they can.
std::string_view wrong_with_file(const Entry& entry) {
  if (!entry.target.empty()) return "a file has a symlink's target";
  switch (entry.form) {
    case ContentForm::whole:
      if (entry.content != entry.sha256) return "a whole file has another content than its own";
      if (entry.size_bytes > kMaxBlobBytes) return "a file is larger than one blob can be";
      return {};
    case ContentForm::chunks:
      if (entry.size_bytes == 0) return "an empty file has chunks";
      if (entry.size_bytes > kMaxFileBytes) return "a file is larger than its limit";
      return {};
    case ContentForm::none:
      break;
  }
  return "a content has an unknown form";
}

// Why an entry's fields cannot be, its path aside; empty if they can.
std::string_view wrong_with(const Entry& entry) {
  if (entry.mode > kModeBits) return "a mode has more than permission bits";
  if (entry.kind == EntryKind::file) return wrong_with_file(entry);
  if (entry.form != ContentForm::none || !entry.sha256.is_zero() || !entry.content.is_zero()) {
    return "something that is no file has a content";
  }
  if (entry.kind == EntryKind::directory) {
    return entry.size_bytes == 0 && entry.target.empty() ? std::string_view()
                                                         : "a folder has a size";
  }
  if (entry.target.empty() || entry.target.size() > kMaxTarget ||
      entry.size_bytes != entry.target.size() || entry.target.find('\0') != std::string::npos) {
    return "a symlink has no proper target";
  }
  return entry.mode == kSymlinkMode ? std::string_view() : "a symlink has permissions";
}

// What holds for the entries of every index, whoever reads or writes it. They are shown one after
// the other.
class TreeRules {
 public:
  explicit TreeRules(std::uint64_t max_text_bytes) : max_text_bytes_(max_text_bytes) {}

  Result<void> add(const Entry& entry, std::string_view previous) {
    if (!previous.empty() && !(previous < entry.path)) return broken("its paths are not in order");
    if (const std::string_view why = wrong_with(entry); !why.empty()) return broken(why);
    text_bytes_ += entry.path.size() + entry.target.size();
    if (text_bytes_ > max_text_bytes_)
      return broken("its paths are longer than their limit together");
    return add_to_tree(entry);
  }

 private:
  // Every path lies beneath directories that are listed before it: so its parent's components have
  // been validated.
  Result<void> add_to_tree(const Entry& entry) {
    const std::string_view parent = parent_path(entry.path);
    while (!open_.empty() && !is_within(parent, open_.back()))
      open_.pop_back();
    const std::string_view around =
        open_.empty() ? std::string_view() : std::string_view(open_.back());
    // "a", "a-b", "a/b": what sorts between a folder and its content closes it here, so it is
    // looked up again.
    if (parent != around && !directories_.contains(parent))
      return broken("a path has no folder above it");
    if (entry.path.size() > kMaxPathBytes) return broken("a path is longer than its limit");
    TRY(parent.empty() ? validate_path(entry.path)
                       : validate_component(file_name(entry.path), false));
    if (entry.kind == EntryKind::directory) {
      directories_.insert(entry.path);
      open_.push_back(entry.path);
    }
    return {};
  }

  static Error broken(std::string_view why) {
    return Error(Code::corrupt, "the index is damaged: " + std::string(why));
  }

  std::vector<std::string> open_;  // the folders around the last entry
  std::set<std::string, std::less<>> directories_;
  const std::uint64_t max_text_bytes_;
  std::uint64_t text_bytes_ = 0;
};

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

}  // namespace

Bytes encode_index(const Index& index) {
  CHECK(index.parents.size() <= kMaxParents && index.entries.size() <= kMaxIndexEntries);
  CHECK(wrong_with_head(index).empty());
  Writer writer;
  writer.raw(as_bytes(kMagic));
  writer.u8(kFormat);
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

Result<void> check_index_limits(const Index& index) {
  const auto too_large = [](std::string what) {
    return Error(Code::full, "the workspace is too large for one version: " + std::move(what))
        .with_hint(
            "Leave folders out with .mikuraignore, or divide the workspace into several "
            "repositories.");
  };
  if (index.entries.size() > kMaxIndexEntries) {
    return too_large(std::to_string(index.entries.size()) + " entries, at most " +
                     std::to_string(kMaxIndexEntries));
  }
  std::uint64_t text_bytes = 0;
  for (const Entry& entry : index.entries) {
    text_bytes += entry.path.size() + entry.target.size();
    if (entry.kind == EntryKind::file && entry.size_bytes > kMaxFileBytes)
      return too_large("the file " + entry.path);
  }
  if (text_bytes > kMaxIndexTextBytes) return too_large("its paths take more than 1 GiB");
  return {};
}

Result<Index> decode_index(ByteSpan bytes, std::uint64_t max_text_bytes) {
  Reader reader(bytes, "the index");
  if (as_text(reader.raw(kMagic.size())) != kMagic)
    reader.fail("it does not start as an index does");
  const std::uint8_t format = reader.u8();
  if (reader.ok() && format > kFormat) {
    return Error(Code::unsupported, "the version was written in index format " +
                                        std::to_string(format) +
                                        ", which this program does not know")
        .with_hint("Update Mikura.");
  }
  if (format != kFormat) reader.fail("it has a version 0");
  Index index;
  read_head_fields(reader, index);
  const std::uint64_t count =
      reader.varint_max(std::min<std::uint64_t>(kMaxIndexEntries, reader.remaining()));
  index.entries.reserve(static_cast<std::size_t>(
      std::min<std::uint64_t>(count, reader.remaining() / kMinEntryBytes)));
  TreeRules rules(max_text_bytes);
  std::string previous;  // a copy: the entries move as they grow
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    index.entries.push_back(read_entry(reader, previous));
    if (!reader.ok()) break;
    TRY(rules.add(index.entries.back(), previous));
    previous = index.entries.back().path;
  }
  TRY(reader.finish());
  return index;
}

const Entry* find_entry(const std::vector<Entry>& entries, std::string_view path) {
  const auto at =
      std::lower_bound(entries.begin(), entries.end(), path,
                       [](const Entry& entry, std::string_view p) { return entry.path < p; });
  return at != entries.end() && at->path == path ? &*at : nullptr;
}

}  // namespace mikura
