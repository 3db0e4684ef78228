#include "merge/random_tree.h"

#include <algorithm>
#include <ostream>

#include "format/path.h"
#include "merge/tree_text.h"

namespace mikura {
namespace {

constexpr std::int64_t kTimes = 4;

void move_subtree(Tree& tree, const std::string& from, const std::string& to) {
  if (!tree.contains(from) || is_within(from, to) || is_within(to, from)) return;
  const Tree moved = subtree_of(tree, from);
  remove_subtree(tree, from);
  remove_subtree(tree, to);
  for (const auto& [path, entry] : moved) {
    Entry arrived = entry;
    arrived.path = to + path.substr(from.size());
    put_entry(tree, arrived);
  }
}

Entry new_entry(const Edit& edit) {
  const std::string text = std::to_string(edit.number);
  switch (edit.kind) {
    case Edit::Kind::link:
      return symlink_entry(edit.path, text);
    case Edit::Kind::make_folder:
      return directory_entry(edit.path);
    default:
      return file_entry(edit.path, text);
  }
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Edit& edit) {
  static constexpr const char* kNames[] = {"write",       "link",  "make_folder", "remove",
                                           "change_mode", "touch", "move"};
  return out << kNames[static_cast<std::size_t>(edit.kind)] << '(' << edit.path << ", " << edit.to
             << ", " << edit.number << ')';
}

void apply_edit(Tree& tree, const Edit& edit) {
  const auto there = tree.find(edit.path);
  switch (edit.kind) {
    case Edit::Kind::write:
    case Edit::Kind::link:
    case Edit::Kind::make_folder: {
      Entry entry = new_entry(edit);
      if (there != tree.end() && there->second.kind == EntryKind::directory &&
          entry.kind == EntryKind::directory) {
        return;
      }
      entry.mtime_ns = edit.number % kTimes;
      remove_subtree(tree, edit.path);
      put_entry(tree, entry);
      return;
    }
    case Edit::Kind::remove:
      remove_subtree(tree, edit.path);
      return;
    case Edit::Kind::change_mode:
      if (there != tree.end() && there->second.kind != EntryKind::symlink) {
        there->second.mode = static_cast<std::uint16_t>(0700 + edit.number);
      }
      return;
    case Edit::Kind::touch:
      if (there != tree.end()) there->second.mtime_ns = edit.number % kTimes;
      return;
    case Edit::Kind::move:
      move_subtree(tree, edit.path, edit.to);
      return;
  }
}

Tree edited(Tree tree, const Edits& edits) {
  for (const Edit& edit : edits)
    apply_edit(tree, edit);
  return tree;
}

void put_entry(Tree& tree, const Entry& entry) {
  for (auto up = parent_path(entry.path); !up.empty(); up = parent_path(up)) {
    const std::string folder(up);
    const auto there = tree.find(folder);
    if (there == tree.end() || there->second.kind != EntryKind::directory) {
      tree[folder] = directory_entry(folder);
    }
  }
  tree[entry.path] = entry;
}

void remove_subtree(Tree& tree, const std::string& path) {
  std::erase_if(tree, [&](const auto& node) { return is_within(node.first, path); });
}

Tree subtree_of(const Tree& tree, const std::string& path) {
  Tree subtree = tree;
  std::erase_if(subtree, [&](const auto& node) { return !is_within(node.first, path); });
  return subtree;
}

std::vector<Entry> entries_of(const Tree& tree) {
  std::vector<Entry> entries;
  entries.reserve(tree.size());
  for (const auto& [path, entry] : tree)
    entries.push_back(entry);
  return entries;
}

Tree tree_of(const std::vector<Entry>& entries) {
  Tree tree;
  for (const Entry& entry : entries)
    tree[entry.path] = entry;
  return tree;
}

bool same_trees(const Tree& a, const Tree& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && same_content(x.second, y.second);
  });
}

rc::Gen<std::string> random_path() {
  return rc::gen::map(
      rc::gen::pair(rc::gen::inRange(1, 4),
                    rc::gen::container<std::vector<std::string>>(
                        3, rc::gen::elementOf(std::vector<std::string>{"a", "a-", "b"}))),
      [](const std::pair<int, std::vector<std::string>>& parts) {
        std::string path = parts.second[0];
        for (int i = 1; i < parts.first; ++i)
          path += "/" + parts.second[static_cast<std::size_t>(i)];
        return path;
      });
}

rc::Gen<Edits> random_edits(std::size_t most) {
  using Kind = Edit::Kind;
  const auto kind = rc::gen::weightedElement<Kind>({{6, Kind::write},
                                                    {1, Kind::link},
                                                    {2, Kind::make_folder},
                                                    {4, Kind::remove},
                                                    {1, Kind::change_mode},
                                                    {3, Kind::touch},
                                                    {2, Kind::move}});
  const auto edit = rc::gen::build<Edit>(
      rc::gen::set(&Edit::kind, kind), rc::gen::set(&Edit::path, random_path()),
      rc::gen::set(&Edit::to, random_path()), rc::gen::set(&Edit::number, rc::gen::inRange(0, 8)));
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, most + 1), [edit](std::size_t count) {
    return rc::gen::container<Edits>(count, edit);
  });
}

}  // namespace mikura
