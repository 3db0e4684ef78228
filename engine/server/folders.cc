#include "server/folders.h"

#include <fmt/format.h>
#include <sys/stat.h>

namespace mikura {
namespace {

constexpr std::size_t kResting = 2;

struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

FileIdentity state_of(const Session& session) {
  struct stat info{};
  const std::string path = session.root() + "/.mikura/state.db";
  if (::stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino};
}

}  // namespace

Folder::Lease::~Lease() {
  if (opened_.session == nullptr) return;
  opened_.slot->call = nullptr;
  folder_->give_back(std::move(opened_));
}

std::optional<Folder::Opened> Folder::take_resting() {
  return rest_.with([](Rest& rest) -> std::optional<Opened> {
    if (rest.sessions.empty()) return std::nullopt;
    Opened opened = std::move(rest.sessions.back());
    rest.sessions.pop_back();
    return opened;
  });
}

Result<Folder::Opened> Folder::open_session(Call& call) {
  const std::uint64_t epoch = rest_.with([](Rest& rest) { return rest.epoch; });
  TRY_ASSIGN(const auto info, inspect_(path_));
  if (!info) {
    call.code = "not_linked";
    return Error(Code::invalid, fmt::format("{} is not linked to a repository", path_))
        .with_hint("Create a repository for it, or connect it to one.");
  }
  Opened opened;
  opened.slot = std::make_shared<CallSlot>();
  opened.slot->call = &call;
  opened.epoch = epoch;
  TRY_ASSIGN(opened.session, open_(opened.slot));
  const FileIdentity state = state_of(*opened.session);
  opened.device = state.device;
  opened.inode = state.inode;
  set_repository(info->repository);
  return opened;
}

Result<Folder::Lease> Folder::borrow(const std::shared_ptr<Folder>& folder, Call& call) {
  while (auto opened = folder->take_resting()) {
    // The folder .mikura may be deleted at any time, and made anew by another process.
    if (state_of(*opened->session) != FileIdentity{opened->device, opened->inode}) continue;
    opened->slot->call = &call;
    return Lease(folder, *std::move(opened));
  }
  TRY_ASSIGN(Opened opened, folder->open_session(call));
  return Lease(folder, std::move(opened));
}

void Folder::give_back(Opened opened) {
  // What is not kept is closed outside the lock.
  std::optional<Opened> surplus;
  rest_.with([&](Rest& rest) {
    if (opened.epoch == rest.epoch && rest.sessions.size() < kResting) {
      rest.sessions.push_back(std::move(opened));
    } else {
      surplus = std::move(opened);
    }
  });
}

void Folder::reopen() {
  std::vector<Opened> closed;
  rest_.with([&](Rest& rest) {
    ++rest.epoch;
    closed.swap(rest.sessions);
  });
}

std::optional<RepositoryId> Folder::repository() const {
  return rest_.with([](const Rest& rest) { return rest.repository; });
}

Result<void> Folder::watch(const AutoSyncSettings& settings,
                           const std::function<Result<std::unique_ptr<Watch>>()>& start) {
  const std::lock_guard lock(watch_mutex_);
  if (closing_) return Error(Code::cancelled, "the folder was closed");
  if (watch_ != nullptr) {
    watch_->configure(settings);
    return {};
  }
  TRY_ASSIGN(watch_, start());
  return {};
}

void Folder::stop_watching(bool closing) {
  std::unique_ptr<Watch> ending;
  {
    const std::lock_guard lock(watch_mutex_);
    closing_ = closing_ || closing;
    ending = std::move(watch_);
  }
}

void Folder::with_watch(const std::function<void(Watch&)>& action) {
  const std::lock_guard lock(watch_mutex_);
  if (watch_ != nullptr) action(*watch_);
}

void Folder::set_repository(const RepositoryId& repository) {
  rest_.with([&](Rest& rest) { rest.repository = repository; });
}

bool Folders::open(std::shared_ptr<Folder> folder) {
  const std::lock_guard lock(mutex_);
  Closed& entry = folders_[folder->path()];
  if (entry.folder != nullptr) return false;
  entry.folder = std::move(folder);
  entry.changes = std::make_unique<Workers>(1);
  return true;
}

std::shared_ptr<Folder> Folders::find(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = folders_.find(path);
  return found != folders_.end() ? found->second.folder : nullptr;
}

bool Folders::post_change(const std::string& path, Workers::Task task) {
  const std::lock_guard lock(mutex_);
  const auto found = folders_.find(path);
  return found != folders_.end() && found->second.changes->post(std::move(task));
}

std::vector<std::shared_ptr<Folder>> Folders::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Folder>> out;
  for (const auto& [path, entry] : folders_)
    out.push_back(entry.folder);
  return out;
}

std::optional<Folders::Closed> Folders::close(const std::string& path) {
  const std::lock_guard lock(mutex_);
  auto node = folders_.extract(path);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

}  // namespace mikura
