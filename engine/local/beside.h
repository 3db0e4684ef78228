// For targets on another file system than .mikura: temporaries beside the target. Internal to
// local/.
//
// A node cannot be renamed across a mount point. So the new one is copied to ".mikura-tmp-<16 hex
// digits>" in the target's own folder and exchanged there, and the old one is then copied to the
// backup before it is deleted. For each such name a note lies in .mikura/tmp (a symlink whose
// target is the path in the tree), so that what a killed run left can be found: "beside-copy-*":
// our copy, may go; "beside-swap-*": may hold what was in the tree, goes to the backup (rescue()).
// Invariant: the note is there before the name beside the target, and leaves after it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/guarded.h"
#include "base/result.h"
#include "local/backup.h"
#include "local/beneath.h"
#include "local/renamer.h"
#include "local/staging.h"

namespace mikura {

inline constexpr std::string_view kBesidePrefix = ".mikura-tmp-";
// True for the names of temporaries beside their target: the scanner passes over them.
bool is_beside_name(std::string_view name);

class Beside {
 public:
  Beside(std::shared_ptr<StagingArea> area, BackupFolder& backup, const Renamer& renamer,
         WalkMethod method)
      : area_(std::move(area)), backup_(backup), renamer_(renamer), method_(method) {}

  // A name beside a target, with its note. When it goes, what is under the name is deleted if it
  // still is ours, and the note with it; else the note stays for rescue(). Must not outlive the
  // Place it was made for.
  class Guest {
   public:
    Guest(Guest&&) = default;
    Guest& operator=(Guest&&) = delete;
    ~Guest();
    Temporary& node() { return node_; }
    // From now on the name may hold what was in the tree.
    Result<void> announce_swap();

   private:
    friend class Beside;
    Guest(std::shared_ptr<StagingArea> area, Temporary node, std::string id)
        : area_(std::move(area)), node_(std::move(node)), id_(std::move(id)) {}
    std::shared_ptr<StagingArea> area_;
    Temporary node_;
    std::string id_;
    bool swapping_ = false;
  };

  // A free name beside `place`; nothing is there yet.
  Result<Guest> reserve(const Place& place);
  // A durable copy of `from`, with its mode and time, beside `place`.
  Result<Guest> copy_in(const NameAt& from, const Place& place);
  // Copies what is under the guest's name, which is the user's, to the backup, durably, and deletes
  // it there. Nothing there: fine.
  Result<void> keep(Guest& guest, const std::string& path);

  // Takes care of what killed runs left beside their targets in the tree `root`.
  Result<void> rescue(int root);

  // Flushes the other file systems that were written to.
  Result<void> flush();

 private:
  Result<void> keep_node(const NameAt& at, const std::string& path);
  Result<void> rescue_one(int root, const std::string& note);
  Result<void> remember_file_system(int folder);

  const std::shared_ptr<StagingArea> area_;
  BackupFolder& backup_;
  const Renamer& renamer_;
  const WalkMethod method_;
  Guarded<std::map<std::uint64_t, Fd>> file_systems_;  // by device
};

}  // namespace mikura
