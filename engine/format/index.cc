#include "format/index.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/utf8.h"
#include "format/codec.h"
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
// The least an entry takes: shared, path, kind, mode, mtime.
constexpr std::size_t kMinEntryBytes = 1 + 2 + 1 + 2 + 8;

std::string_view cut(std::string_view text, std::size_t max) { return utf8_prefix(text, max); }

// Free texts come from the machine and the user: made to fit, and to be UTF-8.
std::string_view clean(std::string_view text, std::size_t max) { return is_valid_utf8(text) ? cut(text, max) : std::string_view("?"); }

std::size_t shared_prefix(std::string_view a, std::string_view b) {
  const std::size_t limit = std::min({a.size(), b.size(), kMaxPathBytes});
  std::size_t n = 0;
  while (n < limit && a[n] == b[n]) ++n;
  return n;
}

void write_entry(Writer& writer, const Entry& entry, std::string_view previous) {
  CHECK(entry.path > previous);
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
    case EntryKind::symlink: writer.text(entry.target); break;
    case EntryKind::directory: break;
  }
}

void read_file_fields(Reader& reader, Entry& entry) {
  entry.size_bytes = reader.varint();
  entry.sha256 = reader.id<Sha256Digest>();
  const std::uint8_t form = reader.u8();
  entry.content = entry.sha256;
  if (form == static_cast<std::uint8_t>(ContentForm::whole)) {
    entry.form = ContentForm::whole;
  } else if (form == static_cast<std::uint8_t>(ContentForm::chunks)) {
    entry.form = ContentForm::chunks;
    entry.content = reader.id<Sha256Digest>();
  } else {
    reader.fail("a content has an unknown form");
  }
}

Entry read_entry(Reader& reader, std::string_view previous) {
  Entry entry;
  const std::size_t shared = static_cast<std::size_t>(reader.varint_max(previous.size()));
  const std::string_view rest = reader.text(kMaxPathBytes);
  entry.path.reserve(shared + rest.size());
  entry.path.append(previous.substr(0, shared)).append(rest);
  if (reader.ok() && shared_prefix(previous, entry.path) != shared) reader.fail("a path is not written in its shortest form");
  const std::uint8_t kind = reader.u8();
  entry.mode = reader.u16();
  entry.mtime_ns = reader.i64();
  if (entry.mode > 0777) reader.fail("a mode has more than permission bits");
  if (kind == static_cast<std::uint8_t>(EntryKind::file)) {
    entry.kind = EntryKind::file;
    read_file_fields(reader, entry);
  } else if (kind == static_cast<std::uint8_t>(EntryKind::directory)) {
    entry.kind = EntryKind::directory;
  } else if (kind == static_cast<std::uint8_t>(EntryKind::symlink)) {
    entry.kind = EntryKind::symlink;
    entry.target = reader.text(kMaxTarget);
    entry.size_bytes = entry.target.size();
    if (entry.target.empty() || entry.target.find('\0') != std::string::npos) reader.fail("a symlink has no proper target");
  } else {
    reader.fail("an entry has an unknown kind");
  }
  return entry;
}

// Every path lies beneath directories that are listed before it. `open` holds the directories around the last entry.
class TreeRules {
 public:
  Result<void> add(const Entry& entry, std::string_view previous) {
    if (!previous.empty() && !(previous < entry.path)) return broken("its paths are not in order");
    TRY(validate_path(entry.path));
    const std::string_view parent = parent_path(entry.path);
    while (!open_.empty() && !is_within(entry.path, open_.back())) open_.pop_back();
    const std::string_view around = open_.empty() ? std::string_view() : std::string_view(open_.back());
    // "a", "a-b", "a/b": what sorts between a folder and its content closes it here, so it is looked up again.
    if (parent != around && !directories_.contains(std::string(parent))) return broken("a path has no folder above it");
    if (entry.kind == EntryKind::directory) {
      directories_.insert(entry.path);
      open_.push_back(entry.path);
    }
    return {};
  }

 private:
  static Error broken(std::string_view why) { return Error(Code::corrupt, "the index is damaged: " + std::string(why)); }

  std::vector<std::string> open_;
  std::set<std::string> directories_;
};

void read_head_fields(Reader& reader, Index& index) {
  index.repository = reader.id<RepositoryId>();
  index.version = reader.id<VersionId>();
  if (reader.ok() && !is_uuid_v7(index.version.bytes())) reader.fail("its id is no UUID of version 7");
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
  if (index.root_mode > 0777) reader.fail("a mode has more than permission bits");
  if (reader.ok() && (index.generation == 0 || (index.generation == 1) != index.parents.empty())) {
    reader.fail("its parents do not fit its generation");
  }
}

}  // namespace

Bytes encode_index(const Index& index) {
  CHECK(index.parents.size() <= kMaxParents && index.entries.size() <= kMaxIndexEntries);
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
  std::string_view previous;
  for (const Entry& entry : index.entries) {
    write_entry(writer, entry, previous);
    previous = entry.path;
  }
  return writer.take();
}

Result<Index> decode_index(ByteSpan bytes) {
  Reader reader(bytes, "the index");
  if (as_text(reader.raw(kMagic.size())) != kMagic) reader.fail("it does not start as an index does");
  const std::uint8_t format = reader.u8();
  if (reader.ok() && format != kFormat) {
    return Error(Code::unsupported, "the version was written in index format " + std::to_string(format) + ", which this program does not know")
        .with_hint("Update Mikura.");
  }
  Index index;
  read_head_fields(reader, index);
  const std::uint64_t count = reader.varint_max(std::min<std::uint64_t>(kMaxIndexEntries, reader.remaining()));
  index.entries.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(count, reader.remaining() / kMinEntryBytes)));
  TreeRules rules;
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
  const auto at = std::lower_bound(entries.begin(), entries.end(), path, [](const Entry& entry, std::string_view p) { return entry.path < p; });
  return at != entries.end() && at->path == path ? &*at : nullptr;
}

}  // namespace mikura
