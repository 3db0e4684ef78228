// Folders: the open folders of the process; each with a strand for what changes it, and sessions.
//
// A Session serves one call at a time, so each call borrows one: what looks never waits for what
// changes. Two rest between calls. Thread-safe.
// Invariants: a folder's strand is joined before the folder is closed; a session that was opened
// before reopen() serves no call that begins after it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "crypto/uuid.h"
#include "server/call.h"
#include "server/engine.h"
#include "server/workers.h"

namespace mikura {

// Whom a session works for at the moment: what its progress and its questions belong to.
struct CallSlot {
  std::atomic<Call*> call = nullptr;
};

class Folder {
 public:
  using Opener = std::function<Result<std::unique_ptr<Session>>(std::shared_ptr<CallSlot>)>;
  // `open` and `inspect` are called by borrow().
  Folder(std::string path, Opener open,
         std::function<Result<std::optional<FolderInfo>>(const std::string&)> inspect)
      : path_(std::move(path)), open_(std::move(open)), inspect_(std::move(inspect)) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }

  class Lease;
  // A session for `call`. Fails with data.code `not_linked` if there is no repository.
  static Result<Lease> borrow(const std::shared_ptr<Folder>& folder, Call& call);

  // Sessions opened so far serve nobody any more: the key or the link is another.
  void reopen();
  // Of the link, as far as somebody has looked.
  std::optional<RepositoryId> repository() const;
  void set_repository(const RepositoryId& repository);

  // Index paths of which editors hold unsaved text.
  Guarded<std::vector<std::string>> unsaved;

  // data.code of how the last round ended, a watch's or one by hand, if it is not the error's own.
  // The hooks of the watch share it: they must not own the folder, which owns the watch.
  const std::shared_ptr<Guarded<std::string>> round_code = std::make_shared<Guarded<std::string>>();

  // Starts to watch with `start`, or gives new settings to the watch there is. Code::cancelled once
  // the folder is closed.
  Result<void> watch(const AutoSyncSettings& settings,
                     const std::function<Result<std::unique_ptr<Watch>>()>& start);
  // Waits for the end of a round under way. `closing`: no watch is started any more.
  void stop_watching(bool closing);
  // Calls `action` with the watch, if there is one.
  void with_watch(const std::function<void(Watch&)>& action);

 private:
  struct Opened {
    std::unique_ptr<Session> session;
    std::shared_ptr<CallSlot> slot;
    std::uint64_t epoch = 0;
    dev_t device = 0;  // of the state it has open
    ino_t inode = 0;
  };
  struct Rest {
    std::vector<Opened> sessions;
    std::uint64_t epoch = 0;
    std::optional<RepositoryId> repository;
  };
  std::optional<Opened> take_resting();
  Result<Opened> open_session(Call& call);
  void give_back(Opened opened);

  const std::string path_;
  const Opener open_;
  const std::function<Result<std::optional<FolderInfo>>(const std::string&)> inspect_;
  Guarded<Rest> rest_;
  // Held while a watch is started or told something; never by what a watch calls.
  std::mutex watch_mutex_;
  std::unique_ptr<Watch> watch_;
  bool closing_ = false;
};

class Folder::Lease {
 public:
  Lease(std::shared_ptr<Folder> folder, Opened opened)
      : folder_(std::move(folder)), opened_(std::move(opened)) {}
  Lease(Lease&&) noexcept = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  Session* operator->() const { return opened_.session.get(); }
  Session& operator*() const { return *opened_.session; }
  Folder& folder() const { return *folder_; }

 private:
  std::shared_ptr<Folder> folder_;
  Opened opened_;
};

class Folders {
 public:
  // True if it was not open before.
  bool open(std::shared_ptr<Folder> folder);
  bool is_open(const std::string& path) const { return find(path) != nullptr; }
  // nullptr if it is not open.
  std::shared_ptr<Folder> find(const std::string& path) const;
  // Runs the task after those of the folder that came before. False if the folder is not open or
  // too much waits.
  bool post_change(const std::string& path, Workers::Task task);
  std::vector<std::shared_ptr<Folder>> all() const;

  // A folder on its way out; its end waits for the change under way.
  struct Closed {
    std::shared_ptr<Folder> folder;
    std::unique_ptr<Workers> changes;
  };
  std::optional<Closed> close(const std::string& path);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Closed> folders_;
};

}  // namespace mikura
