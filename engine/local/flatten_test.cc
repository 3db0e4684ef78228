#include "local/flatten.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "crypto/hash.h"
#include "format/path.h"

namespace mikura {
namespace {

// A listed tree as the lister makes it, from paths of files.
class ListedTreeBuilder {
 public:
  ListedTreeBuilder() { tree_.root = std::make_unique<ListedFolder>(); }

  void add_file(std::string_view path, const FileStamp& stamp) { node_at(path).stamp = stamp; }
  ListedFolder& add_folder(std::string_view path) {
    if (path.empty()) return *tree_.root;
    ListedNode& node = node_at(path);
    if (node.folder == nullptr) {
      node.folder = std::make_unique<ListedFolder>();
      node.folder->path = path;
      node.stamp.mode = S_IFDIR | 0755;
    }
    return *node.folder;
  }
  ListedTree& tree() { return tree_; }

 private:
  ListedNode& node_at(std::string_view path) {
    ListedFolder& parent = add_folder(parent_path(path));
    parent.is_empty = false;
    const std::string_view name = names_.emplace_back(file_name(path));
    const auto at =
        std::lower_bound(parent.nodes.begin(), parent.nodes.end(), name,
                         [](const ListedNode& node, std::string_view n) { return node.name < n; });
    if (at != parent.nodes.end() && at->name == name) return *at;
    ListedNode node;
    node.name = name;
    return *parent.nodes.insert(at, std::move(node));
  }
  std::deque<std::string> names_;
  ListedTree tree_;
};

FileStamp file_stamp(std::uint64_t inode) {
  return {1, inode, 10, 20, 30, S_IFREG | 0644};
}

struct Flat {
  ScannedTree tree;
  std::vector<std::size_t> unknown;
};

Flat flatten_with(ListedTree& listed, const std::vector<FileRecord>& known,
                  const std::vector<std::string_view>& versioned = {},
                  bool read_everything = false) {
  Flat flat;
  flatten(listed, {known, versioned, true, read_everything, 1, {}}, flat.tree, flat.unknown);
  return flat;
}

// Few characters, most of them next to '/', so that order matters.
rc::Gen<std::string> component() {
  return rc::gen::suchThat(rc::gen::nonEmpty(rc::gen::container<std::string>(
                               rc::gen::elementOf(std::string("a.-0 !~")))),
                           [](const std::string& name) { return name != "." && name != ".."; });
}

RC_GTEST_PROP(Flatten, AnyTreeComesOutCompleteAndInByteOrder, ()) {
  ListedTreeBuilder builder;
  std::set<std::string> files;
  std::set<std::string> folders;
  const auto names = rc::gen::resize(5, rc::gen::container<std::vector<std::string>>(component()));
  for (const auto& components : *rc::gen::container<std::vector<std::vector<std::string>>>(names)) {
    std::string path;
    bool fits = !components.empty();
    for (const std::string& name : components) {
      fits = fits && !files.contains(path);
      path += (path.empty() ? "" : "/") + name;
    }
    if (!fits || files.contains(path) || folders.contains(path)) continue;
    files.insert(path);
    for (std::string_view parent = parent_path(path); !parent.empty(); parent = parent_path(parent))
      folders.emplace(parent);
    builder.add_file(path, file_stamp(files.size()));
  }
  Flat plain = flatten_with(builder.tree(), {});
  std::vector<std::string> paths;
  for (const Entry& entry : plain.tree.entries)
    paths.push_back(entry.path);
  std::set<std::string> expected = files;
  expected.insert(folders.begin(), folders.end());
  RC_ASSERT(paths == std::vector<std::string>(expected.begin(), expected.end()));
  RC_ASSERT(plain.unknown.size() == files.size());
  RC_ASSERT(plain.tree.counts.files == files.size());
  RC_ASSERT(plain.tree.counts.directories == folders.size());
  for (const std::size_t i : plain.unknown)
    RC_ASSERT(files.contains(plain.tree.entries[i].path));
}

TEST(Flatten, KnownContentIsUsedOnlyWithTheSameStampAndIfNotRacy) {
  const Sha256Digest content = sha256(as_bytes("content"));
  const FileRecord good{"",   file_stamp(7), content, ContentForm::chunks, sha256(as_bytes("list")),
                        false};
  std::map<std::string, FileRecord> records;
  for (const char* path :
       {"a.b", "a/good", "a/racy", "inode", "mode", "mtime", "ctime", "size", "zzz"})
    records[path] = good;
  records["a/racy"].racy = true;
  records["inode"].stamp.inode += 1;
  records["mode"].stamp.mode = S_IFREG | 0755;
  records["mtime"].stamp.mtime_ns -= 1;
  records["ctime"].stamp.ctime_ns += 1;
  records["size"].stamp.size_bytes += 1;
  records["a.b"].stamp.device += 1;  // alone no reason to read
  ListedTreeBuilder builder;
  std::vector<FileRecord> known;
  for (auto& [path, record] : records) {
    record.path = path;
    known.push_back(record);
    if (path != "zzz") builder.add_file(path, file_stamp(7));
  }
  builder.add_file("new", file_stamp(7));
  const Flat flat = flatten_with(builder.tree(), known);
  std::vector<std::string> unknown;
  for (const std::size_t i : flat.unknown)
    unknown.push_back(flat.tree.entries[i].path);
  EXPECT_EQ(unknown,
            (std::vector<std::string>{"a/racy", "ctime", "inode", "mode", "mtime", "new", "size"}));
  for (const Entry& entry : flat.tree.entries) {
    if (entry.path != "a.b" && entry.path != "a/good") continue;
    EXPECT_EQ(entry.sha256, content);
    EXPECT_EQ(entry.form, ContentForm::chunks);
    EXPECT_EQ(entry.content, good.content);
  }
}

TEST(Flatten, FoldersOfIgnoredThingsAreDroppedUnlessVersioned) {
  const auto build = [](ListedTreeBuilder& builder) {
    builder.add_folder("empty");
    builder.add_folder("ignored/inner").is_empty = false;
    builder.add_folder("problem").is_empty = false;
    builder.add_folder("problem").problems.push_back(
        {ScanProblem::Kind::unreadable, "problem/f", "x"});
    builder.add_folder("gone").is_gone = true;
    builder.add_file("used/file", file_stamp(1));
  };
  const auto paths = [](const Flat& flat) {
    std::vector<std::string> all;
    for (const Entry& entry : flat.tree.entries)
      all.push_back(entry.path);
    return all;
  };
  ListedTreeBuilder first;
  build(first);
  const Flat flat = flatten_with(first.tree(), {});
  EXPECT_EQ(paths(flat), (std::vector<std::string>{"empty", "problem", "used", "used/file"}));
  EXPECT_EQ(flat.tree.problems.size(), 1U);
  ListedTreeBuilder second;
  build(second);
  EXPECT_EQ(paths(flatten_with(second.tree(), {}, {"gone", "ignored/inner"})),
            (std::vector<std::string>{"empty", "ignored", "ignored/inner", "problem", "used",
                                      "used/file"}));
}

}  // namespace
}  // namespace mikura
