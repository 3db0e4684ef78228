#include "sim/sim_tree.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/hash.h"
#include "format/path.h"
#include "sim/world.h"

namespace mikura {
namespace {

constexpr std::int64_t kRacySlackNs = 20'000'000;

Error changed_meanwhile(std::string_view path) {
  return Error(Code::conflict, std::string(path) + " is no longer what it was");
}

bool is_left_out(std::string_view path) {
  for (std::string_view rest = path; !rest.empty(); rest = parent_path(rest)) {
    if (is_conflict_copy_name(file_name(rest))) return true;
  }
  return false;
}

struct SimStagedFile final : StagedFile {
  explicit SimStagedFile(SimClient& owner) : client(owner) {}
  Result<void> write(ByteSpan bytes) override {
    data.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  Result<void> finish() override {
    finished_at = client.fs.flushes();
    return {};
  }

  SimClient& client;
  std::string data;
  std::uint64_t finished_at = 0;
};

class SimReader final : public FileReader {
 public:
  explicit SimReader(SimNodePtr node) : node_(std::move(node)) {}
  Result<std::size_t> read(MutableByteSpan out) override {
    TRY_ASSIGN(const std::size_t size, read_at(at_, out));
    at_ += size;
    return size;
  }
  Result<std::size_t> read_at(std::uint64_t offset, MutableByteSpan out) override {
    const ByteSpan data = as_bytes(*node_->data);
    const ByteSpan rest = data.subspan(std::min<std::size_t>(offset, data.size()));
    const std::size_t size = std::min(out.size(), rest.size());
    std::copy_n(rest.begin(), size, out.begin());
    return size;
  }
  Result<FileStamp> stamp() override { return stamp_of(*node_); }

 private:
  const SimNodePtr node_;
  std::size_t at_ = 0;
};

class SimTree final : public WorkingTree {
 public:
  SimTree(World& world, SimClient& client) : world_(world), client_(client), fs_(client.fs) {}

  Result<ScannedTree> scan(const ScanRequest& request, std::stop_token) override {
    TRY(begin("scan", ""));
    client_.scanned_ns = world_.now_ns();
    ScannedTree tree;
    tree.root_mtime_ns = fs_.root_mtime_ns();
    // Folder by folder, with others in between.
    std::vector<std::string> tops;
    for (const auto& [path, node] : fs_.nodes()) {
      if (path.find('/') == std::string::npos && !is_left_out(path)) tops.push_back(path);
    }
    for (const std::string& top : tops) {
      if (fs_.is_folder(top)) TRY(begin("list", top));
      list(top, tree);
    }
    sort_by_path(tree);
    TRY(read_unknown(request, tree));
    return tree;
  }

  Result<std::optional<NodeStatus>> inspect(std::string_view path) override {
    TRY(begin("inspect", path));
    const SimNodePtr node = fs_.find(path);
    if (node == nullptr) return std::optional<NodeStatus>();
    return std::optional(NodeStatus{node->kind, stamp_of(*node)});
  }

  Result<std::unique_ptr<FileReader>> open_file(std::string_view path) override {
    TRY(begin("open", path));
    SimNodePtr node = fs_.find(path);
    if (node == nullptr || node->kind != EntryKind::file || node->mode == 0)
      return Error(Code::not_found, std::string(path) + " is not a file");
    return std::unique_ptr<FileReader>(std::make_unique<SimReader>(std::move(node)));
  }

  Result<std::unique_ptr<StagedFile>> stage_file() override {
    TRY(begin("stage", ""));
    return std::unique_ptr<StagedFile>(std::make_unique<SimStagedFile>(client_));
  }

  Result<FileStamp> place_file(std::unique_ptr<StagedFile> staged, std::string_view path,
                               const Expectation& expected, const Metadata& metadata) override {
    const Verdict verdict = world_.step(client_, Seam::tree, "place", path);
    if (fails_before(verdict)) return world_.error(client_, Seam::tree, verdict);
    auto& file = static_cast<SimStagedFile&>(*staged);
    SimNode node = fs_.fresh(EntryKind::file, std::make_shared<const std::string>(file.data));
    node.mode = metadata.mode;
    node.mtime_ns = metadata.mtime_ns;
    node.durable = fs_.flushes() > file.finished_at;
    return place(path, std::move(node), expected, verdict);
  }

  Result<FileStamp> place_symlink(std::string_view path, std::string_view target,
                                  const Expectation& expected, std::int64_t mtime_ns) override {
    const Verdict verdict = world_.step(client_, Seam::tree, "place_link", path);
    if (fails_before(verdict)) return world_.error(client_, Seam::tree, verdict);
    SimNode node = fs_.fresh(EntryKind::symlink, std::make_shared<const std::string>(target));
    node.mtime_ns = mtime_ns;
    return place(path, std::move(node), expected, verdict);
  }

  Result<void> make_directory(std::string_view path, const Expectation& expected) override {
    const Verdict verdict = world_.step(client_, Seam::tree, "make_folder", path);
    if (fails_before(verdict)) return world_.error(client_, Seam::tree, verdict);
    if (expected.kind == Expectation::Kind::node) {
      auto placed = place(path, fs_.fresh(EntryKind::directory, nullptr), expected, verdict);
      if (!placed) return std::move(placed).error();
      return {};
    }
    if (!fs_.is_folder(parent_path(path))) return changed_meanwhile(path);
    const SimNodePtr there = fs_.find(path);
    if (there != nullptr && there->kind != EntryKind::directory) return changed_meanwhile(path);
    if (there == nullptr) fs_.put(std::string(path), fs_.fresh(EntryKind::directory, nullptr));
    return after(verdict);
  }

  Result<void> remove(std::string_view path, const Expectation& expected) override {
    const Verdict verdict = world_.step(client_, Seam::tree, "remove", path);
    if (fails_before(verdict)) return world_.error(client_, Seam::tree, verdict);
    const SimNodePtr there = fs_.find(path);
    if (there == nullptr) return {};
    if (expected.kind == Expectation::Kind::absent) return changed_meanwhile(path);
    if (expected.kind == Expectation::Kind::directory) {
      if (there->kind != EntryKind::directory) return changed_meanwhile(path);
      if (fs_.has_children(path))
        return Error(Code::refused, "the folder " + std::string(path) + " is not empty");
      fs_.erase(std::string(path));
      world_.oracle().engine_removed_folder(client_.id, std::string(path), client_.command.kind);
      return after(verdict);
    }
    if (stamp_of(*there) != expected.stamp) return changed_meanwhile(path);
    displace(std::string(path), there);
    fs_.erase(std::string(path));
    return after(verdict);
  }

  Result<void> rename(std::string_view path, std::string_view new_name,
                      const Expectation& expected) override {
    const Verdict verdict = world_.step(client_, Seam::tree, "rename", path);
    if (fails_before(verdict)) return world_.error(client_, Seam::tree, verdict);
    const SimNodePtr there = fs_.find(path);
    if (there == nullptr || !is_as_expected(*there, expected)) return changed_meanwhile(path);
    const std::string parent(parent_path(path));
    const std::string to = (parent.empty() ? "" : parent + "/") + std::string(new_name);
    if (fs_.find(to) != nullptr) return Error(Code::already_exists, to + " is there");
    fs_.rename(std::string(path), to);
    // Who keeps both asks for a file of the copy.
    if (client_.command.kind == CommandKind::resolve) {
      for (const auto& [name, node] : fs_.nodes()) {
        if (is_within(name, to)) world_.oracle().user_put(client_.id, name, *node, false);
      }
    }
    return after(verdict);
  }

  Result<FileStamp> set_metadata(std::string_view path, const Expectation& expected,
                                 const Metadata& metadata) override {
    const Verdict verdict = world_.step(client_, Seam::tree, "set_metadata", path);
    if (fails_before(verdict)) return world_.error(client_, Seam::tree, verdict);
    if (path.empty()) {
      fs_.set_root_mtime(metadata.mtime_ns);
      TRY(after(verdict));
      return FileStamp{};
    }
    const SimNodePtr there = fs_.find(path);
    if (there == nullptr || !is_as_expected(*there, expected)) return changed_meanwhile(path);
    SimNode changed = *there;
    if (changed.kind != EntryKind::symlink) changed.mode = metadata.mode;
    changed.mtime_ns = metadata.mtime_ns;
    const SimNodePtr now = fs_.update(std::string(path), std::move(changed));
    TRY(after(verdict));
    return stamp_of(*now);
  }

  Result<void> flush() override {
    const Verdict verdict = world_.step(client_, Seam::tree, "flush", "");
    if (fails_before(verdict)) return world_.error(client_, Seam::tree, verdict);
    fs_.flush();
    return after(verdict);
  }

  // Backups are kept for good here; staged files vanish with their process.
  Result<void> tidy(unsigned, std::uint64_t) override { return begin("tidy", ""); }

  std::string backup_folder() const override {
    return backed_up_ ? ".mikura/backup/20270115.080000" : "";
  }

 private:
  // A call without an effect of its own: failing before or after is the same.
  Result<void> begin(const char* what, std::string_view subject) {
    const Verdict verdict = world_.step(client_, Seam::tree, what, subject);
    if (verdict != Verdict::go) return world_.error(client_, Seam::tree, verdict);
    return {};
  }
  Result<void> after(Verdict verdict) {
    if (!fails_after(verdict)) return {};
    return world_.error(client_, Seam::tree, verdict);
  }

  static bool is_as_expected(const SimNode& node, const Expectation& expected) {
    if (expected.kind == Expectation::Kind::directory) return node.kind == EntryKind::directory;
    return expected.kind == Expectation::Kind::node && stamp_of(node) == expected.stamp;
  }

  void displace(const std::string& path, const SimNodePtr& node) {
    fs_.keep_in_backup(path, node);
    backed_up_ = true;
    world_.oracle().engine_displaced(client_.id, path, *node, client_.command.kind);
  }

  Result<FileStamp> place(std::string_view path, SimNode node, const Expectation& expected,
                          Verdict verdict) {
    CHECK(expected.kind != Expectation::Kind::directory);
    if (!fs_.is_folder(parent_path(path))) return changed_meanwhile(path);
    const SimNodePtr there = fs_.find(path);
    if (expected.kind == Expectation::Kind::absent && there != nullptr)
      return changed_meanwhile(path);
    if (expected.kind == Expectation::Kind::node) {
      if (there == nullptr || stamp_of(*there) != expected.stamp) return changed_meanwhile(path);
      displace(std::string(path), there);
    }
    node.by_user = false;
    const SimNodePtr placed = fs_.put(std::string(path), std::move(node));
    world_.oracle().engine_placed(client_.id, std::string(path), *placed, client_.command.kind);
    TRY(after(verdict));
    return stamp_of(*placed);
  }

  void list(const std::string& top, ScannedTree& tree) {
    for (auto node = fs_.nodes().lower_bound(top); node != fs_.nodes().end(); ++node) {
      if (!node->first.starts_with(top)) break;
      if (is_within(node->first, top) && !is_left_out(node->first)) add(*node, tree);
    }
  }

  // "d-x" stands between "d" and "d/y".
  static void sort_by_path(ScannedTree& tree) {
    std::vector<std::size_t> order(tree.entries.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      order[i] = i;
    const auto before = [&](std::size_t a, std::size_t b) {
      return tree.entries[a].path < tree.entries[b].path;
    };
    if (std::is_sorted(order.begin(), order.end(), before)) return;
    std::sort(order.begin(), order.end(), before);
    std::vector<Entry> entries;
    std::vector<FileStamp> stamps;
    for (const std::size_t i : order) {
      entries.push_back(std::move(tree.entries[i]));
      stamps.push_back(tree.stamps[i]);
    }
    tree.entries = std::move(entries);
    tree.stamps = std::move(stamps);
  }

  static void add(const SimNodes::value_type& item, ScannedTree& tree) {
    const SimNode& node = *item.second;
    Entry entry;
    entry.path = item.first;
    entry.kind = node.kind;
    entry.mode = static_cast<std::uint16_t>(node.mode);
    entry.mtime_ns = node.mtime_ns;
    if (node.kind == EntryKind::symlink) entry.target = *node.data;
    entry.size_bytes = node.data != nullptr ? node.data->size() : 0;
    tree.entries.push_back(std::move(entry));
    tree.stamps.push_back(stamp_of(node));
    ++(node.kind == EntryKind::file        ? tree.counts.files
       : node.kind == EntryKind::directory ? tree.counts.directories
                                           : tree.counts.symlinks);
  }

  Result<void> read_unknown(const ScanRequest& request, ScannedTree& tree) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < tree.entries.size(); ++i) {
      bool is_there = true;
      if (tree.entries[i].kind == EntryKind::file) {
        const FileRecord* const known = find_known(request.known, tree.entries[i].path);
        if (known != nullptr && !known->racy && known->stamp == tree.stamps[i]) {
          fill(tree.entries[i], *known);
        } else {
          TRY_ASSIGN(is_there, read_one(tree, i));
        }
      }
      if (!is_there) continue;
      if (kept != i) {
        tree.entries[kept] = std::move(tree.entries[i]);
        tree.stamps[kept] = tree.stamps[i];
      }
      ++kept;
    }
    tree.entries.resize(kept);
    tree.stamps.resize(kept);
    return {};
  }

  static const FileRecord* find_known(const std::vector<FileRecord>& known,
                                      const std::string& path) {
    const auto found = std::lower_bound(
        known.begin(), known.end(), path,
        [](const FileRecord& record, const std::string& p) { return record.path < p; });
    return found != known.end() && found->path == path ? &*found : nullptr;
  }

  static void fill(Entry& entry, const FileRecord& record) {
    entry.sha256 = record.sha256;
    entry.form = record.form;
    entry.content = record.content;
  }

  // False if there is nothing to report.
  Result<bool> read_one(ScannedTree& tree, std::size_t i) {
    Entry& entry = tree.entries[i];
    const std::int64_t started_ns = world_.now_of(client_);
    TRY(begin("read", entry.path));
    const SimNodePtr node = fs_.find(entry.path);
    if (node == nullptr) return false;
    if (node->kind != EntryKind::file) {
      tree.problems.push_back({ScanProblem::Kind::unstable, entry.path, "it changed its kind"});
      return false;
    }
    if (node->mode == 0) {
      tree.problems.push_back({ScanProblem::Kind::unreadable, entry.path, "permission denied"});
      return false;
    }
    const FileStamp stamp = stamp_of(*node);
    const Sha256Digest hash = sha256(as_bytes(*node->data));
    entry.mode = static_cast<std::uint16_t>(node->mode);
    entry.mtime_ns = node->mtime_ns;
    entry.size_bytes = node->data->size();
    tree.stamps[i] = stamp;
    FileRecord record{entry.path, stamp, hash, ContentForm::whole, hash, false};
    record.racy = std::max(stamp.mtime_ns, stamp.ctime_ns) >= started_ns - kRacySlackNs;
    fill(entry, record);
    tree.records.push_back(std::move(record));
    ++tree.counts.hashed_files;
    return true;
  }

  World& world_;
  SimClient& client_;
  SimFs& fs_;
  bool backed_up_ = false;
};

}  // namespace

std::unique_ptr<WorkingTree> make_sim_tree(World& world, SimClient& client) {
  return std::make_unique<SimTree>(world, client);
}

}  // namespace mikura
