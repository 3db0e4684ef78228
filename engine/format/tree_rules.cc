#include "format/tree_rules.h"

#include "format/content.h"
#include "format/envelope.h"
#include "format/path.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxTarget = 4096;
constexpr std::uint16_t kModeBits = 0777;
constexpr std::uint16_t kSymlinkMode = 0777;

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

Error broken(std::string_view why) {
  return Error(Code::corrupt, "the index is damaged: " + std::string(why));
}

}  // namespace

Result<void> TreeRules::add(const Entry& entry, std::string_view previous) {
  if (!previous.empty() && !(previous < entry.path)) return broken("its paths are not in order");
  if (const std::string_view why = wrong_with(entry); !why.empty()) return broken(why);
  text_bytes_ += entry.path.size() + entry.target.size();
  if (text_bytes_ > max_text_bytes_)
    return broken("its paths are longer than their limit together");
  return add_to_tree(entry);
}

// Every path lies beneath directories that are listed before it: so its parent's components have
// been validated.
Result<void> TreeRules::add_to_tree(const Entry& entry) {
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

}  // namespace mikura
