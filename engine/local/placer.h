// Moving nodes into, and out of, the tree without ever clobbering what was not seen. Internal to
// local/.
//
// Replacing: our new node is first renamed to the old one's place in the backup, then both change
// places in one step (RENAME_EXCHANGE). So at every instant the old content has a name, either in
// the tree or in the backup, and the tree has the old or the new. Then we look at what came out; if
// it is not what the plan saw, both change back. Where a mount point lies between .mikura and the
// target the exchange happens beside the target (beside.h). Thread-safe for different paths.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "local/backup.h"
#include "local/beneath.h"
#include "local/beside.h"
#include "local/renamer.h"
#include "local/staging.h"
#include "local/working_tree.h"
#include "local/writable.h"

namespace mikura {

// "<path> is no longer what it was when it was looked at"
Error changed_meanwhile(std::string_view path,
                        std::string_view hint = "It was left alone. Run the command again.");

class Placer {
 public:
  Placer(BackupFolder& backup, Beside& beside, const Renamer& renamer, WritableFolders& writable,
         std::string foreign_folder)
      : backup_(backup),
        beside_(beside),
        renamer_(renamer),
        writable_(writable),
        foreign_folder_(std::move(foreign_folder)) {}

  // Puts `node` (in .mikura/tmp, complete) at `place`. Returns the stamp it has there.
  Result<FileStamp> put(Temporary node, const Place& place, const Expectation& expected);
  // Moves what is at `place` to the backup.
  Result<void> take_away(const Place& place, const FileStamp& expected);
  // Gives it another name in its folder. Code::already_exists if that is taken.
  Result<void> rename(const Place& place, const std::string& new_name, const FileStamp& expected);

 private:
  // What an attempt came to, when it did not fail.
  enum class Outcome { done, other_device, cannot_exchange };

  bool is_foreign(const Place& place) const;
  int move_in(const NameAt& from, const Place& place);
  int move_out(const Place& place, const NameAt& to);
  int exchange(const NameAt& node, const Place& place);

  Result<void> check_unchanged(const Place& place, const FileStamp& expected) const;
  Result<FileStamp> put_new(Temporary node, const Place& place);
  Result<FileStamp> put_over(Temporary node, const Place& place, const FileStamp& expected);
  Result<Outcome> exchange_checked(Temporary& node, const Place& place, const FileStamp& expected);
  Error exchange_back(Temporary& node, const Place& place, const FileStamp& ours);
  Result<FileStamp> put_new_beside(Temporary node, const Place& place);
  Result<FileStamp> put_over_beside(Temporary node, const Place& place, const FileStamp& expected);
  Result<FileStamp> put_in_two_steps(Temporary node, const Place& place, const FileStamp& expected);
  Result<void> take_away_beside(const Place& place, const FileStamp& expected);
  Result<void> check_arrived(const NameAt& there, const std::string& shown, const Place& place,
                             const FileStamp& expected);

  BackupFolder& backup_;
  Beside& beside_;
  const Renamer& renamer_;
  WritableFolders& writable_;
  const std::string foreign_folder_;  // for tests: treated as if it were mounted
};

}  // namespace mikura
