// One entry as bytes, in a list whose paths share what they have in common with the one before
// (docs/format.md, "Entry"). Internal to format/. Pure.
#pragma once

#include <string_view>

#include "format/codec.h"
#include "format/entry.h"

namespace mikura {

// The least an entry takes: shared, path, kind, mode, mtime.
inline constexpr std::size_t kMinEntryBytes = 1 + 2 + 1 + 2 + 8;

// `previous` is the path before it in the list; empty for the first.
void write_entry(Writer& writer, const Entry& entry, std::string_view previous);

// The fields as they are, into `entry`, which must not hold `previous`; TreeRules says which values
// may be. What the entry held before is dropped, its memory used again.
void read_entry(Reader& reader, std::string_view previous, Entry& entry);

}  // namespace mikura
