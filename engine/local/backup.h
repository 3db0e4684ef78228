// The backup folder: where what is replaced or removed goes (O2). Internal to local/.
//
// .mikura/backup/<YYYYMMDD.HHmmss>[.N]/<path>, local time; made when the first thing is kept. A
// name that is taken in it gets a number. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "local/beneath.h"
#include "local/renamer.h"

namespace mikura {

class BackupFolder {
 public:
  // `all` is .mikura/backup.
  BackupFolder(Fd all, Clock& clock, WalkMethod method)
      : all_(std::move(all)), clock_(clock), method_(method) {}

  // A name for `path` in the backup of this run, and the (created) folder it lies in. Others may
  // take it: use it with an operation that fails with EEXIST, and ask again with the next `attempt`
  // (0, 1, ...).
  struct Slot {
    Fd folder;
    std::string name;
    std::string shown;  // relative to the root

    NameAt at() const { return {folder.get(), name}; }
  };
  Result<Slot> slot(std::string_view path, unsigned attempt);

  // fill(NameAt) moves or makes something at a free name for `path`, and answers with an errno.
  // Returns where. An errno other than EEXIST ends the search; it is in `error` then.
  struct Filled {
    Slot slot;
    int error = 0;
  };
  template <class Fill>
  Result<Filled> fill(std::string_view path, Fill&& fill_slot) {
    for (unsigned attempt = 0;; ++attempt) {
      TRY_ASSIGN(Slot found, slot(path, attempt));
      const int error = fill_slot(found.at());
      if (error == EEXIST && attempt < kMaxAttempts) continue;
      return Filled{std::move(found), error};
    }
  }

  // Something of the user's was put into this run's folder.
  void note_kept();
  // Relative to the root (".mikura/backup/20260102.030405"); empty if nothing was kept.
  std::string path() const;

  // Removes the backups older than `max_age_days` and, oldest first, what exceeds
  // `max_total_bytes`. Never this run's.
  Result<void> prune(unsigned max_age_days, std::uint64_t max_total_bytes);

 private:
  static constexpr unsigned kMaxAttempts = 100'000;

  Result<int> run_folder();
  Result<Fd> make_folder(int run, std::string_view path, std::string& shown);

  const Fd all_;
  Clock& clock_;
  const WalkMethod method_;
  mutable std::mutex mutex_;
  Fd run_;
  std::string run_name_;
  bool kept_ = false;
};

}  // namespace mikura
