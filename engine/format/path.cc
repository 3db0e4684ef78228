#include "format/path.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace mikura {
namespace {

constexpr std::string_view kConflictPrefix = "conflict-";
// "conflict-YYYYMMDD.HHmmss."
constexpr std::size_t kConflictHeadSize = 9 + 8 + 1 + 6 + 1;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Error bad_path(std::string_view why) {
  return Error(Code::corrupt, "a path in the index is not allowed: " + std::string(why))
      .with_hint("The version was written by a faulty or hostile program. Nothing was changed.");
}

// Most names are ASCII, and this tells so at memory speed.
bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text)
    all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

// Windows looks at what precedes the first dot, without trailing spaces, whatever follows.
bool is_reserved_on_windows(std::string_view component) {
  std::string_view stem = component.substr(0, component.find('.'));
  while (stem.ends_with(' '))
    stem.remove_suffix(1);
  static constexpr std::array<std::string_view, 6> kNames = {"con", "prn",    "aux",
                                                             "nul", "conin$", "conout$"};
  if (std::any_of(kNames.begin(), kNames.end(),
                  [&](std::string_view name) { return equals_ignoring_case(stem, name); })) {
    return true;
  }
  if (stem.size() < 4) return false;
  const std::string_view device = stem.substr(0, 3);
  if (!equals_ignoring_case(device, "com") && !equals_ignoring_case(device, "lpt")) return false;
  const std::string_view number = stem.substr(3);
  // Windows takes superscript digits for digits here.
  return (number.size() == 1 && number[0] >= '1' && number[0] <= '9') || number == "\xC2\xB9" ||
         number == "\xC2\xB2" || number == "\xC2\xB3";
}

// Characters that HFS+ leaves out when it compares names (U+200C..200F, U+202A..202E, U+206A..206F,
// U+FEFF).
bool is_ignored_by_hfs(std::string_view three) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(three[i]); };
  if (at(0) == 0xEF) return at(1) == 0xBB && at(2) == 0xBF;
  if (at(0) != 0xE2) return false;
  if (at(1) == 0x80) return (at(2) >= 0x8C && at(2) <= 0x8F) || (at(2) >= 0xAA && at(2) <= 0xAE);
  return at(1) == 0x81 && at(2) >= 0xAA && at(2) <= 0xAF;
}

// Names that another file system takes for the folder .git: Windows' short name, and HFS+ as above.
bool is_git_elsewhere(std::string_view component) {
  if (equals_ignoring_case(component, "git~1")) return true;
  std::string seen;
  while (!component.empty()) {
    if (component.size() >= 3 && is_ignored_by_hfs(component.substr(0, 3))) {
      component.remove_prefix(3);
      continue;
    }
    seen += component.front();
    component.remove_prefix(1);
  }
  return equals_ignoring_case(seen, ".git");
}

constexpr std::size_t kMaxWhoBytes = 40;

struct NameParts {
  std::string_view stem, extension;
};

// A short extension, with its dot: what opens the file should still recognise it when the stem is
// cut or gets an addition.
NameParts split_extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  const bool has_extension = dot != std::string_view::npos && dot > 0 && name.size() - dot <= 32;
  const std::size_t cut = has_extension ? dot : name.size();
  return {name.substr(0, cut), name.substr(cut)};
}

// Without what a name cannot hold on some platform, and without what would look like our own
// punctuation.
std::string harmless_in_name(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_bad = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ||
                        std::string_view("<>:\"\\|?*/(),").find(c) != std::string_view::npos;
    if (!is_bad) out += c;
  }
  if (!is_valid_utf8(out)) return {};
  return std::string(utf8_prefix(out, kMaxWhoBytes));
}

}  // namespace

Result<void> validate_component(std::string_view component, bool is_top_level) {
  if (component.empty()) return bad_path("an empty component");
  if (component.size() > kMaxComponentBytes) return bad_path("a component longer than 255 bytes");
  if (component.find('\0') != std::string_view::npos) return bad_path("a zero byte");
  if (component.find('/') != std::string_view::npos) return bad_path("a component with a '/'");
  if (!is_ascii(component) && !is_valid_utf8(component))
    return bad_path("bytes that are not UTF-8");
  if (component == "." || component == "..") return bad_path("a component that points elsewhere");
  if (equals_ignoring_case(component, ".git")) return bad_path("a component .git");
  if (is_top_level && equals_ignoring_case(component, ".mikura"))
    return bad_path("Mikura's own folder");
  if (is_conflict_copy_name(component)) return bad_path("a conflict copy");
  return {};
}

Result<void> validate_path(std::string_view path) {
  if (path.empty()) return bad_path("an empty path");
  if (path.size() > kMaxPathBytes) return bad_path("a path longer than 4096 bytes");
  bool is_top_level = true;
  for (std::string_view rest = path;;) {
    const std::size_t slash = rest.find('/');
    TRY(validate_component(rest.substr(0, slash), is_top_level));
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
    is_top_level = false;
  }
}

std::optional<std::string> portability_problem(std::string_view component) {
  for (const char c : component) {
    if (static_cast<unsigned char>(c) < 0x20) return "contains a control character";
    if (std::string_view("<>:\"\\|?*").find(c) != std::string_view::npos)
      return std::string("contains '") + c + "'";
  }
  if (component.ends_with('.')) return "ends with a dot";
  if (component.ends_with(' ')) return "ends with a space";
  if (is_reserved_on_windows(component)) return "is a reserved name on Windows";
  if (is_git_elsewhere(component)) return "stands for .git on another system";
  return std::nullopt;
}

std::string_view parent_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_within(std::string_view path, std::string_view folder) {
  if (folder.empty() || path == folder) return true;
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

bool is_conflict_copy_name(std::string_view component) {
  if (component.size() <= kConflictHeadSize || !component.starts_with(kConflictPrefix))
    return false;
  const std::string_view time = component.substr(kConflictPrefix.size());
  return all_digits(time.substr(0, 8)) && time[8] == '.' && all_digits(time.substr(9, 6)) &&
         time[15] == '.';
}

std::string conflict_copy_name(std::string_view name, std::string_view local_time,
                               unsigned counter) {
  std::string head = std::string(kConflictPrefix) + std::string(local_time) + ".";
  if (counter > 1) head += std::to_string(counter) + ".";
  if (head.size() + name.size() <= kMaxComponentBytes) return head + std::string(name);
  const auto [stem, extension] = split_extension(name);
  return head +
         std::string(utf8_prefix(stem, kMaxComponentBytes - head.size() - extension.size())) +
         std::string(extension);
}

std::string kept_copy_name(std::string_view name, std::string_view who, std::string_view local_time,
                           unsigned counter) {
  std::string tail = " (";
  const std::string shown = harmless_in_name(who);
  if (!shown.empty()) tail += shown + ", ";
  tail += local_time;
  if (counter > 1) tail += ", " + std::to_string(counter);
  tail += ")";
  const auto [stem, extension] = split_extension(name);
  tail += extension;
  return std::string(utf8_prefix(stem, kMaxComponentBytes - tail.size())) + tail;
}

}  // namespace mikura
