#include "sim/sim_fs.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/check.h"
#include "format/path.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxImages = 48;

}  // namespace

FileStamp stamp_of(const SimNode& node) {
  FileStamp stamp;
  stamp.device = 1;
  stamp.inode = node.inode;
  stamp.size_bytes = node.data != nullptr ? node.data->size() : 0;
  stamp.mtime_ns = node.mtime_ns;
  stamp.ctime_ns = node.ctime_ns;
  const std::uint32_t kind = node.kind == EntryKind::directory ? S_IFDIR
                             : node.kind == EntryKind::symlink ? S_IFLNK
                                                               : S_IFREG;
  stamp.mode = kind | node.mode;
  return stamp;
}

SimFs::SimFs(std::function<std::int64_t()> now, bool keeps_history)
    : now_(std::move(now)), keeps_history_(keeps_history) {
  current_.root_mtime_ns = now_();
  if (keeps_history_) unflushed_.push_back(current_);
}

SimNodePtr SimFs::find(std::string_view path) const {
  const auto found = current_.nodes.find(path);
  return found == current_.nodes.end() ? nullptr : found->second;
}

bool SimFs::is_folder(std::string_view path) const {
  if (path.empty()) return true;
  const SimNodePtr node = find(path);
  return node != nullptr && node->kind == EntryKind::directory;
}

bool SimFs::has_children(std::string_view path) const {
  const std::string first = std::string(path) + "/";
  const auto next = current_.nodes.lower_bound(first);
  return next != current_.nodes.end() && next->first.starts_with(first);
}

SimNode SimFs::fresh(EntryKind kind, std::shared_ptr<const std::string> data) const {
  SimNode node;
  node.kind = kind;
  node.mode = kind == EntryKind::file ? 0644 : kind == EntryKind::directory ? 0755 : 0777;
  node.mtime_ns = now_();
  node.data = std::move(data);
  return node;
}

void SimFs::touch_folder_of(std::string_view path) {
  const std::string_view parent = parent_path(path);
  const std::int64_t now = now_();
  if (parent.empty()) {
    current_.root_mtime_ns = now;
    return;
  }
  const auto found = current_.nodes.find(parent);
  CHECK(found != current_.nodes.end());
  SimNode folder = *found->second;
  folder.mtime_ns = folder.ctime_ns = now;
  found->second = std::make_shared<const SimNode>(std::move(folder));
}

SimNodePtr SimFs::put(const std::string& path, SimNode node) {
  CHECK(is_folder(parent_path(path)));
  if (node.inode == 0) node.inode = ++last_inode_;
  node.ctime_ns = now_();
  auto placed = std::make_shared<const SimNode>(std::move(node));
  current_.nodes.insert_or_assign(path, placed);
  touch_folder_of(path);
  changed();
  return placed;
}

SimNodePtr SimFs::update(const std::string& path, SimNode node) {
  node.ctime_ns = now_();
  auto placed = std::make_shared<const SimNode>(std::move(node));
  current_.nodes.insert_or_assign(path, placed);
  changed();
  return placed;
}

void SimFs::erase(const std::string& path) {
  current_.nodes.erase(path);
  touch_folder_of(path);
  changed();
}

void SimFs::rename(const std::string& from, const std::string& to) {
  std::vector<std::pair<std::string, SimNodePtr>> moved;
  const auto top = current_.nodes.find(from);
  CHECK(top != current_.nodes.end() && !is_within(to, from));
  SimNode renamed = *top->second;
  renamed.ctime_ns = now_();
  moved.emplace_back(to, std::make_shared<const SimNode>(std::move(renamed)));
  current_.nodes.erase(top);
  const std::string first = from + "/";
  auto next = current_.nodes.lower_bound(first);
  while (next != current_.nodes.end() && next->first.starts_with(first)) {
    moved.emplace_back(to + next->first.substr(from.size()), next->second);
    next = current_.nodes.erase(next);
  }
  for (auto& [path, node] : moved)
    current_.nodes.insert_or_assign(path, std::move(node));
  touch_folder_of(from);
  touch_folder_of(to);
  changed();
}

void SimFs::keep_in_backup(const std::string& path, SimNodePtr node) {
  current_.backup.emplace_back(path, std::move(node));
}

void SimFs::set_root_mtime(std::int64_t mtime_ns) {
  current_.root_mtime_ns = mtime_ns;
  changed();
}

std::optional<std::string> SimFs::write_open(std::uint64_t inode,
                                             std::shared_ptr<const std::string> data) {
  for (auto& [path, node] : current_.nodes) {
    if (node->inode != inode) continue;
    SimNode written = *node;
    written.data = std::move(data);
    written.mtime_ns = now_();
    written.durable = false;
    written.by_user = true;
    std::string where = path;
    update(where, std::move(written));
    return where;
  }
  for (auto& [path, node] : current_.backup) {
    if (node->inode != inode) continue;
    SimNode written = *node;
    written.data = std::move(data);
    node = std::make_shared<const SimNode>(std::move(written));
    changed();
    return std::string();
  }
  return std::nullopt;
}

void SimFs::changed() {
  if (!keeps_history_) return;
  if (unflushed_.size() >= kMaxImages) unflushed_.erase(unflushed_.begin() + 1);
  unflushed_.push_back(current_);
}

void SimFs::flush() {
  ++flushes_;
  if (!keeps_history_) return;
  const auto settle = [](SimNodePtr& node) {
    if (node->durable) return;
    SimNode durable = *node;
    durable.durable = true;
    node = std::make_shared<const SimNode>(std::move(durable));
  };
  for (auto& [path, node] : current_.nodes)
    settle(node);
  for (auto& [path, node] : current_.backup)
    settle(node);
  unflushed_.assign(1, current_);
}

void SimFs::power_cut(const std::function<std::uint32_t(std::uint32_t)>& choose) {
  if (!keeps_history_) return;
  const auto lost = choose(static_cast<std::uint32_t>(unflushed_.size()));
  current_ = unflushed_[unflushed_.size() - 1 - lost];
  for (auto& [path, node] : current_.nodes) {
    if (node->durable || node->kind != EntryKind::file || node->data->empty()) continue;
    if (choose(3) != 2) continue;
    SimNode torn = *node;
    torn.data = std::make_shared<const std::string>(
        node->data->substr(0, choose(static_cast<std::uint32_t>(node->data->size()))));
    node = std::make_shared<const SimNode>(std::move(torn));
  }
  for (auto& [path, node] : current_.backup) {
    if (node->durable || node->kind != EntryKind::file || choose(3) != 2) continue;
    SimNode torn = *node;
    torn.data = std::make_shared<const std::string>();
    node = std::make_shared<const SimNode>(std::move(torn));
  }
  flush();
}

void SimFs::each_durable(const std::function<void(const SimNode&)>& call) const {
  if (unflushed_.empty()) return;
  for (const auto& [path, node] : unflushed_.front().nodes) {
    if (node->durable) call(*node);
  }
  for (const auto& [path, node] : unflushed_.front().backup) {
    if (node->durable) call(*node);
  }
}

}  // namespace mikura
