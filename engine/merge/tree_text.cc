#include "merge/tree_text.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "base/check.h"
#include "format/path.h"

namespace mikura {
namespace {

constexpr std::uint16_t kFileMode = 0644;
constexpr std::uint16_t kDirectoryMode = 0755;
constexpr std::uint16_t kSymlinkMode = 0777;

std::uint16_t usual_mode(EntryKind kind) {
  switch (kind) {
    case EntryKind::file:
      return kFileMode;
    case EntryKind::directory:
      return kDirectoryMode;
    case EntryKind::symlink:
      return kSymlinkMode;
  }
  CHECK(false);
}

// Cuts "<mark><number>" off the end of `text`.
bool cut_number(std::string& text, char mark, int base, std::int64_t& number) {
  const std::size_t at = text.rfind(mark);
  if (at == std::string::npos) return false;
  number = std::stoll(text.substr(at + 1), nullptr, base);
  text.resize(at);
  return true;
}

Entry parse_node(const std::string& text) {
  if (text.ends_with('/')) return directory_entry(text.substr(0, text.size() - 1));
  if (const std::size_t arrow = text.find("->"); arrow != std::string::npos) {
    return symlink_entry(text.substr(0, arrow), text.substr(arrow + 2));
  }
  const std::size_t equals = text.find('=');
  CHECK(equals != std::string::npos);
  return file_entry(text.substr(0, equals), text.substr(equals + 1));
}

Entry parse_entry(std::string text) {
  std::int64_t number = 0;
  const bool timed = cut_number(text, '~', 10, number);
  const std::int64_t time = timed ? number : 0;
  const bool has_mode = cut_number(text, ':', 8, number);
  Entry entry = parse_node(text);
  entry.mtime_ns = time;
  if (has_mode) entry.mode = static_cast<std::uint16_t>(number);
  return entry;
}

std::string_view content_of(const Entry& entry) {
  const auto bytes = entry.sha256.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(entry.size_bytes)};
}

std::string text_of(LocalOp op) {
  switch (op) {
    case LocalOp::none:
      return "";
    case LocalOp::create:
      return "create local";
    case LocalOp::replace:
      return "replace local";
    case LocalOp::remove:
      return "remove local";
    case LocalOp::set_metadata:
      return "touch local";
  }
  CHECK(false);
}

std::string text_of(RemoteOp op) {
  switch (op) {
    case RemoteOp::none:
      return "";
    case RemoteOp::add:
      return "add remote";
    case RemoteOp::replace:
      return "replace remote";
    case RemoteOp::remove:
      return "remove remote";
  }
  CHECK(false);
}

}  // namespace

// The content stands where its hash would: different contents differ, and it can be read back.
Entry file_entry(std::string path, std::string_view content) {
  Entry entry;
  CHECK(content.size() <= Sha256Digest::kSize);
  entry.path = std::move(path);
  entry.kind = EntryKind::file;
  entry.mode = kFileMode;
  entry.size_bytes = content.size();
  std::ranges::copy(std::as_bytes(std::span(content)), entry.sha256.mutable_bytes().begin());
  entry.form = ContentForm::whole;
  entry.content = entry.sha256;
  return entry;
}

Entry directory_entry(std::string path) {
  Entry entry;
  entry.path = std::move(path);
  entry.kind = EntryKind::directory;
  entry.mode = kDirectoryMode;
  return entry;
}

Entry symlink_entry(std::string path, std::string_view target) {
  Entry entry;
  entry.path = std::move(path);
  entry.kind = EntryKind::symlink;
  entry.mode = kSymlinkMode;
  entry.target = target;
  entry.size_bytes = target.size();
  return entry;
}

std::vector<Entry> parse_tree(std::string_view text) {
  std::map<std::string, Entry> tree;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    Entry entry = parse_entry(word);
    for (auto up = parent_path(entry.path); !up.empty(); up = parent_path(up)) {
      tree.try_emplace(std::string(up), directory_entry(std::string(up)));
    }
    const std::string path = entry.path;
    tree[path] = std::move(entry);
  }
  std::vector<Entry> entries;
  for (auto& [path, entry] : tree)
    entries.push_back(std::move(entry));
  return entries;
}

std::string to_text(const Entry& entry) {
  std::string text = entry.path;
  switch (entry.kind) {
    case EntryKind::file:
      text.append("=").append(content_of(entry));
      break;
    case EntryKind::directory:
      text += '/';
      break;
    case EntryKind::symlink:
      text.append("->").append(entry.target);
      break;
  }
  if (entry.mode != usual_mode(entry.kind)) {
    std::ostringstream octal;
    octal << ':' << std::oct << entry.mode;
    text += octal.str();
  }
  if (entry.mtime_ns != 0) text.append("~").append(std::to_string(entry.mtime_ns));
  return text;
}

std::string to_text(const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& entry : entries)
    text.append(text.empty() ? "" : " ").append(to_text(entry));
  return text;
}

std::string to_text(const Plan& plan) {
  std::string text;
  const auto add = [&](const std::string& what, const std::string& path) {
    if (!what.empty()) text.append(text.empty() ? "" : ", ").append(what).append(" ").append(path);
  };
  for (const PlanItem& item : plan.items) {
    add(text_of(item.local_op), item.path);
    add(text_of(item.remote_op), item.path);
    if (item.conflict) add("conflict", item.path);
  }
  return text;
}

}  // namespace mikura
