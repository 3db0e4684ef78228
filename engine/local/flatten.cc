#include "local/flatten.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "local/stamp.h"

namespace mikura {
namespace {

// The device is left out: its number may change when the machine restarts, and that would mean
// reading everything again. A file with the same inode, size and both times on another device is a
// copy of the whole file system.
bool is_unchanged(const FileStamp& a, const FileStamp& b) {
  return a.inode == b.inode && a.size_bytes == b.size_bytes && a.mtime_ns == b.mtime_ns &&
         a.ctime_ns == b.ctime_ns && a.mode == b.mode;
}

class Flattener {
 public:
  Flattener(const ScanRequest& request, ScannedTree& tree, std::vector<std::size_t>& unknown)
      : request_(request), tree_(tree), unknown_(unknown), known_(request.known.begin()) {}

  void run(ListedFolder& root) {
    settle(root);
    emit_folder(root);
  }

 private:
  // Collects problems and counts, and drops the folders that are not to be reported: a folder is
  // kept if it is versioned, if nothing at all is in it, or if something in it is reported (or
  // would be, but for a problem). Returns whether `folder` is kept.
  bool settle(ListedFolder& folder) {
    tree_.counts.ignored += folder.ignored;
    const bool has_problems = !folder.problems.empty();
    for (ScanProblem& problem : folder.problems)
      tree_.problems.push_back(std::move(problem));
    folder.problems.clear();
    std::erase_if(folder.nodes, [&](ListedNode& node) {
      return node.folder != nullptr && !settle(*node.folder);
    });
    if (folder.is_gone) return false;
    if (!folder.nodes.empty() || has_problems || folder.is_empty) return true;
    return std::binary_search(request_.versioned.begin(), request_.versioned.end(),
                              std::string_view(folder.path));
  }

  // Index order is bytewise on the whole path, so what is in "a" comes after "a.b" and before "a0":
  // a folder's content is held back until the next name sorts after "<folder>/". Held-back folders
  // are prefixes of one another, so a stack will do.
  void emit_folder(ListedFolder& folder) {
    const std::size_t size = path_.size();
    std::vector<ListedNode*> held;
    const auto emit_held = [&] {
      path_.append(held.back()->name).push_back('/');
      emit_folder(*held.back()->folder);
      path_.resize(size);
      held.pop_back();
    };
    for (ListedNode& node : folder.nodes) {
      while (!held.empty() && sorts_after_content(node.name, held.back()->name))
        emit_held();
      path_.append(node.name);
      emit_node(node);
      path_.resize(size);
      if (node.folder != nullptr) held.push_back(&node);
    }
    while (!held.empty())
      emit_held();
  }

  // `name` > `folder`; whether it is also > "<folder>/...".
  static bool sorts_after_content(std::string_view name, std::string_view folder) {
    return !name.starts_with(folder) || static_cast<unsigned char>(name[folder.size()]) > '/';
  }

  void emit_node(ListedNode& node) {
    Entry& entry = tree_.entries.emplace_back();
    tree_.stamps.push_back(node.stamp);
    entry.path = path_;
    entry.mode = static_cast<std::uint16_t>(node.stamp.mode & kPermissionBits);
    entry.mtime_ns = node.stamp.mtime_ns;
    if (node.folder != nullptr) {
      entry.kind = EntryKind::directory;
      ++tree_.counts.directories;
    } else if (S_ISLNK(node.stamp.mode)) {
      entry.kind = EntryKind::symlink;
      entry.mode = 0777;
      entry.target = std::move(node.target);
      entry.size_bytes = entry.target.size();
      ++tree_.counts.symlinks;
    } else {
      entry.kind = EntryKind::file;
      entry.size_bytes = node.stamp.size_bytes;
      ++tree_.counts.files;
      use_known(entry, node.stamp);
    }
  }

  // Both lists ascend: one pass over the known.
  void use_known(Entry& entry, const FileStamp& stamp) {
    while (known_ != request_.known.end() && known_->path < entry.path)
      ++known_;
    const bool found = known_ != request_.known.end() && known_->path == entry.path;
    if (!found || request_.read_everything || known_->racy || !is_unchanged(known_->stamp, stamp)) {
      unknown_.push_back(tree_.entries.size() - 1);
      return;
    }
    entry.sha256 = known_->sha256;
    entry.form = known_->form;
    entry.content = known_->content;
  }

  const ScanRequest& request_;
  ScannedTree& tree_;
  std::vector<std::size_t>& unknown_;
  std::vector<FileRecord>::const_iterator known_;
  std::string path_;
};

std::size_t count_nodes(const ListedFolder& folder) {
  std::size_t count = folder.nodes.size();
  for (const ListedNode& node : folder.nodes) {
    if (node.folder != nullptr) count += count_nodes(*node.folder);
  }
  return count;
}

}  // namespace

void flatten(ListedTree& listed, const ScanRequest& request, ScannedTree& tree,
             std::vector<std::size_t>& unknown) {
  const std::size_t count = count_nodes(*listed.root);
  tree.entries.reserve(count);
  tree.stamps.reserve(count);
  tree.root_mode = static_cast<std::uint16_t>(listed.stamp.mode & kPermissionBits);
  tree.root_mtime_ns = listed.stamp.mtime_ns;
  Flattener(request, tree, unknown).run(*listed.root);
}

}  // namespace mikura
