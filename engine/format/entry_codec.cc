#include "format/entry_codec.h"

#include <algorithm>

#include "format/path.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxTarget = 4096;

std::size_t shared_prefix(std::string_view a, std::string_view b) {
  const std::size_t limit = std::min({a.size(), b.size(), kMaxPathBytes});
  std::size_t n = 0;
  while (n < limit && a[n] == b[n])
    ++n;
  return n;
}

void read_file_fields(Reader& reader, Entry& entry) {
  entry.size_bytes = reader.varint();
  entry.sha256 = reader.id<Sha256Digest>();
  entry.form = static_cast<ContentForm>(reader.u8());
  entry.content = entry.form == ContentForm::chunks ? reader.id<Sha256Digest>() : entry.sha256;
}

// Keeps the memory of its texts.
void clear(Entry& entry) {
  entry.path.clear();
  entry.target.clear();
  entry.size_bytes = 0;
  entry.sha256 = entry.content = Sha256Digest();
  entry.form = ContentForm::none;
}

}  // namespace

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

void read_entry(Reader& reader, std::string_view previous, Entry& entry) {
  clear(entry);
  const std::size_t shared = static_cast<std::size_t>(reader.varint_max(previous.size()));
  const std::string_view rest = reader.text(kMaxPathBytes);
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
}

}  // namespace mikura
