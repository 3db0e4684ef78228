#include "session/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "format/path.h"
#include "local/state_db.h"
#include "session/doctor.h"
#include "session/history.h"
#include "session/workspace.h"
#include "sync/actions.h"
#include "sync/download.h"
#include "sync/resolve.h"
#include "sync/restore.h"
#include "sync/snapshot.h"

namespace mikura {
namespace {

class LocalSession final : public Session {
 public:
  explicit LocalSession(std::unique_ptr<Workspace> workspace) : workspace_(std::move(workspace)) {}

  const std::string& root() const override { return workspace_->root(); }

  Result<SyncReport> sync(const SyncRequest& request, std::stop_token stop) override {
    TRY_ASSIGN(const WorkspaceLink link, workspace_->link());
    TRY_ASSIGN(const auto lock, workspace_->lock());
    TRY_ASSIGN(const Author author, workspace_->author());
    TRY_ASSIGN(Vault* const vault, workspace_->vault(stop));
    TransferCounts counts;
    return run_sync(workspace_->context(vault, counts), request, link, author, stop);
  }

  Result<StatusReport> status(bool check_remote, std::stop_token stop) override {
    TRY_ASSIGN(const WorkspaceLink link, workspace_->link());
    StatusReport report;
    report.folder = root();
    report.repository = link.repository;
    report.store = link.store_url;
    report.watcher = read_watcher_file(root());
    TransferCounts counts;
    if (check_remote) {
      auto preview = remote_preview(link, counts, stop);
      if (preview) {
        report.remote_checked = true;
        fill(report, *std::move(preview));
        return report;
      }
      // A tampered store or a wrong key is not "offline": only what may pass by itself is.
      if (!preview.failed_with(Code::transient)) return std::move(preview).error();
      report.remote_problem = preview.error().message();
    }
    TRY_ASSIGN(Preview preview, preview_sync(workspace_->context(nullptr, counts), link, stop));
    fill(report, std::move(preview));
    return report;
  }

  Result<bool> has_remote_news(std::stop_token stop) override {
    TRY_ASSIGN(Vault* const vault, workspace_->vault(stop));
    TransferCounts counts;
    TRY_ASSIGN(const OpenedHead head, read_current_head(workspace_->context(vault, counts), stop));
    TRY_ASSIGN(const auto base, workspace_->state().base());
    if (head.head.generation == 0) return false;
    return !base || base->version != head.head.version;
  }

  Result<std::vector<std::string>> folders(std::stop_token stop) override {
    TransferCounts counts;
    TRY_ASSIGN(const WorkspaceLink link, workspace_->link());
    TRY_ASSIGN(const Preview preview,
               preview_sync(workspace_->context(nullptr, counts), link, stop));
    return preview.folders;
  }

  Result<void> log(const LogRequest& request, const std::function<bool(const VersionInfo&)>& each,
                   std::stop_token stop) override {
    TRY_ASSIGN(History history, open_history(stop));
    return history.log(request, each, stop);
  }

  Result<VersionId> resolve_version(const std::string& text, std::stop_token stop) override {
    TRY_ASSIGN(History history, open_history(stop));
    TRY_ASSIGN(const LogRecord record, history.find(text, stop));
    return record.version;
  }

  Result<VersionInfo> version_info(const VersionId& version, std::stop_token stop) override {
    TRY_ASSIGN(History history, open_history(stop));
    return history.info(version, stop);
  }

  Result<std::vector<Entry>> version_entries(const VersionId& version,
                                             std::stop_token stop) override {
    TRY_ASSIGN(Index index, version_index(version, stop));
    return std::move(index.entries);
  }

  Result<std::vector<DiffEntry>> diff(const DiffSide& before, const DiffSide& after,
                                      const std::vector<std::string>& paths,
                                      std::stop_token stop) override {
    TRY_ASSIGN(const auto old_entries, side_entries(before, before.version ? before : after, stop));
    TRY_ASSIGN(const auto new_entries, side_entries(after, after.version ? after : before, stop));
    return diff_entries(old_entries, new_entries, paths);
  }

  Result<void> read_content(const DiffSide& side, const std::string& path,
                            const std::function<Result<void>(ByteSpan)>& sink,
                            std::stop_token stop) override {
    if (!side.version) return read_tree_file(path, sink, stop);
    TRY_ASSIGN(const Index index, version_index(*side.version, stop));
    const Entry* entry = find_entry(index.entries, path);
    if (entry == nullptr) {
      return Error(Code::not_found, fmt::format("{} is not in that version", path))
          .with_hint("`mikura show VERSION` lists its files.");
    }
    return read_entry(*entry, sink, stop);
  }

  Result<Entry> read_version_file(const std::string& version, const std::string& path,
                                  const std::function<Result<void>(const Entry&)>& begin,
                                  const std::function<Result<void>(ByteSpan)>& sink,
                                  std::stop_token stop) override {
    TRY_ASSIGN(const Index index,
               version == "base" ? base_index(stop) : typed_version_index(version, stop));
    const Entry* const entry = find_entry(index.entries, path);
    if (entry == nullptr) {
      return Error(Code::not_found, fmt::format("{} is not in that version", path))
          .with_hint("`mikura show VERSION` lists its files.");
    }
    TRY(begin(*entry));
    TRY(read_entry(*entry, sink, stop));
    return *entry;
  }

  Result<RestoreReport> restore(const RestoreRequest& request, std::stop_token stop) override {
    TRY_ASSIGN(const VersionId version, resolve_version(request.version, stop));
    TRY_ASSIGN(const Index index, version_index(version, stop));
    TRY_ASSIGN(Vault* const vault, workspace_->vault(stop));
    TransferCounts counts;
    if (!request.to_folder.empty()) return restore_to(request, index, vault, stop);
    TRY_ASSIGN(const WorkspaceLink link, workspace_->link());
    TRY_ASSIGN(const auto lock, workspace_->lock());
    TRY_ASSIGN(const Author author, workspace_->author());
    return restore_workspace(workspace_->context(vault, counts), index, request, link, stop);
  }

  Result<std::vector<ConflictInfo>> conflicts() override {
    TRY_ASSIGN(const auto records, workspace_->state().conflicts());
    std::vector<ConflictInfo> infos;
    for (const ConflictRecord& record : records) {
      infos.push_back(to_info(record));
    }
    return infos;
  }

  Result<ResolveReport> resolve(const ResolveRequest& request, std::stop_token stop) override {
    TRY_ASSIGN(const WorkspaceLink link, workspace_->link());
    TRY_ASSIGN(const auto lock, workspace_->lock());
    Vault* vault = nullptr;
    if (request.resolution == Resolution::take_remote || request.resolution == Resolution::merge) {
      TRY_ASSIGN(vault, workspace_->vault(stop));
    }
    TransferCounts counts;
    return resolve_conflict(workspace_->context(vault, counts), link, request, stop);
  }

  Result<DiscardReport> discard(const DiscardRequest& request, std::stop_token stop) override {
    TRY_ASSIGN(const WorkspaceLink link, workspace_->link());
    TRY_ASSIGN(const auto lock, workspace_->lock());
    TRY_ASSIGN(Vault* const vault, workspace_->vault(stop));
    TransferCounts counts;
    return discard_changes(workspace_->context(vault, counts), request, link, stop);
  }

  Result<WorkspaceSettings> settings() override {
    TRY_ASSIGN(const WorkspaceLink link, workspace_->link());
    return WorkspaceSettings{root(), link.store_url, link.repository, policy_of(link),
                             link.use_gitignore};
  }

  Result<WorkspaceSettings> configure(const ConfigureRequest& request) override {
    // Not in the middle of a run that goes by the old ones.
    TRY_ASSIGN(const auto lock, workspace_->lock());
    TRY_ASSIGN(WorkspaceLink link, workspace_->link());
    if (request.policy) link.policy = policy_name(*request.policy);
    if (request.use_gitignore) link.use_gitignore = *request.use_gitignore;
    TRY(workspace_->state().set_link(link));
    return settings();
  }

  std::vector<DoctorCheck> doctor(std::stop_token stop) override {
    return run_doctor(*workspace_, std::move(stop));
  }

  Result<std::string> to_index_path(const std::string& typed, const std::string& from) override {
    const std::filesystem::path absolute = (std::filesystem::path(from) / typed).lexically_normal();
    const std::filesystem::path relative = absolute.lexically_relative(root());
    std::string path = relative.string();
    while (path.ends_with('/'))
      path.pop_back();
    if (path == ".") return std::string();
    if (path.empty() || path == ".." || path.starts_with("../")) {
      return Error(Code::invalid, fmt::format("{} is outside {}", typed, root()));
    }
    return path;
  }

 private:
  Result<History> open_history(std::stop_token stop) {
    TRY_ASSIGN(Vault* const vault, workspace_->vault(stop));
    return History::open(*workspace_, vault, stop);
  }

  Result<Index> version_index(const VersionId& version, std::stop_token stop) {
    TRY_ASSIGN(History history, open_history(stop));
    return history.index(version, stop);
  }

  Result<Index> typed_version_index(const std::string& text, std::stop_token stop) {
    TRY_ASSIGN(const VersionId version, resolve_version(text, stop));
    return version_index(version, stop);
  }

  // From what is remembered, as long as it is: without asking for HEAD.
  Result<Index> base_index(std::stop_token stop) {
    TRY_ASSIGN(const auto base, workspace_->state().base());
    if (!base)
      return Error(Code::not_found, "this folder was not synced yet, so it has no base version");
    TRY_ASSIGN(Vault* const vault, workspace_->vault(stop));
    TransferCounts counts;
    return load_index(workspace_->context(vault, counts), base->version, base->index_sha256, stop);
  }

  Result<void> read_entry(const Entry& entry, const std::function<Result<void>(ByteSpan)>& sink,
                          std::stop_token stop) {
    if (entry.kind == EntryKind::directory)
      return Error(Code::invalid, fmt::format("{} is a folder", entry.path));
    if (entry.kind == EntryKind::symlink) return sink(as_bytes(entry.target));
    TRY_ASSIGN(Vault* const vault, workspace_->vault(stop));
    TransferCounts counts;
    return fetch_content(workspace_->context(vault, counts), entry, sink, stop);
  }

  Result<Preview> remote_preview(const WorkspaceLink& link, TransferCounts& counts,
                                 std::stop_token stop) {
    TRY_ASSIGN(Vault* const vault, workspace_->vault(stop));
    return preview_sync(workspace_->context(vault, counts), link, stop);
  }

  static void fill(StatusReport& report, Preview preview) {
    report.local = std::move(preview.local);
    report.incoming = std::move(preview.incoming);
    report.conflicts = std::move(preview.conflicts);
    report.problems = std::move(preview.problems);
    report.scanned = preview.scanned;
    if (preview.base) {
      report.base = preview.base->version;
      report.base_generation = preview.base->generation;
    }
    if (preview.head && preview.head->head.generation != 0) {
      report.latest = preview.head->head.version;
      report.latest_generation = preview.head->head.generation;
    }
  }

  // The entries of a version, or of a fresh scan, where `other` says what else is versioned.
  Result<std::vector<Entry>> side_entries(const DiffSide& side, const DiffSide& other,
                                          std::stop_token stop) {
    if (side.empty) return std::vector<Entry>();
    if (side.version) return version_entries(*side.version, stop);
    std::vector<Entry> base;
    if (other.version) {
      TRY_ASSIGN(base, version_entries(*other.version, stop));
    }
    std::vector<std::string_view> versioned;
    for (const Entry& entry : base)
      versioned.push_back(entry.path);
    TRY_ASSIGN(const WorkspaceLink link, workspace_->link());
    TRY_ASSIGN(const auto known, workspace_->state().file_records());
    TRY_ASSIGN(ScannedTree tree,
               workspace_->tree().scan({known, versioned, link.use_gitignore, false, 0, {}}, stop));
    return std::move(tree.entries);
  }

  Result<void> read_tree_file(const std::string& path,
                              const std::function<Result<void>(ByteSpan)>& sink,
                              std::stop_token stop) {
    TRY_ASSIGN(const auto reader, workspace_->tree().open_file(path));
    Bytes buffer(256 * 1024);
    for (;;) {
      TRY(check_stop(stop));
      TRY_ASSIGN(const std::size_t n, reader->read(buffer));
      if (n == 0) return {};
      TRY(sink(std::span(buffer).first(n)));
    }
  }

  // Into a folder that is no workspace: its .mikura folder exists only while we write.
  Result<RestoreReport> restore_to(const RestoreRequest& request, const Index& index, Vault* vault,
                                   std::stop_token stop) {
    namespace fs = std::filesystem;
    const std::string folder = fs::absolute(request.to_folder).lexically_normal().string();
    if ((folder + "/").starts_with(root() + "/")) {
      return Error(Code::invalid, fmt::format("{} lies inside the workspace", folder))
          .with_hint("Choose a folder outside it.");
    }
    const std::string helper = folder + "/" + std::string(kMikuraFolder);
    if (fs::exists(helper)) {
      return Error(Code::already_exists, fmt::format("{} is a Mikura workspace itself", folder))
          .with_hint("Choose an empty folder.");
    }
    TRY(make_directories(folder));
    TRY(make_workspace_folder(folder));
    const Environment& environment = workspace_->environment();
    auto restored = [&]() -> Result<RestoreReport> {
      TRY_ASSIGN(const auto tree, open_posix_tree(folder, *environment.clock, *environment.random));
      TRY_ASSIGN(const auto state, open_memory_state());
      ByteBudget memory(64ULL << 20);
      TransferCounts counts;
      const SyncContext context{vault,
                                *tree,
                                *state,
                                *environment.clock,
                                *environment.random,
                                memory,
                                environment.progress,
                                std::max(environment.concurrency, 1U),
                                counts};
      return restore_elsewhere(context, index, request.paths, request.dry_run, stop);
    }();
    // Nothing can be in its backup: nothing is ever replaced there.
    std::error_code ignored;
    fs::remove_all(helper, ignored);
    return restored;
  }

  std::unique_ptr<Workspace> workspace_;
};

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const std::string& folder, Environment environment) {
  TRY_ASSIGN(const std::string root, find_workspace_root(folder));
  TRY_ASSIGN(auto workspace, Workspace::open(root, environment));
  return std::unique_ptr<Session>(std::make_unique<LocalSession>(std::move(workspace)));
}

}  // namespace mikura
