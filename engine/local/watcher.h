// FolderWatcher: tells that something changed in the working tree, as it happens (O4).
//
// The seam to the platform; open_folder_watcher gives the one of this system (Linux: inotify). It
// says only that something changed, never what: whoever is told looks with a scan, which cannot be
// fooled by events that came late, twice or not at all. Only the folders that are named are
// watched, so ignored ones cost nothing. Thread-safe: watch() may be called while another thread
// waits.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace mikura {

class FolderWatcher {
 public:
  virtual ~FolderWatcher() = default;

  enum class Seen : std::uint8_t {
    nothing,  // the time is over, or a stop was requested
    change,
    folders,  // a change, and folders came, went or moved; or events were lost: watch() anew
  };
  // Blocks until something changes. What changed before and was not told yet is told at once.
  virtual Seen wait(std::chrono::milliseconds at_most, std::stop_token stop) = 0;

  // Watches exactly these folders ("" is the root) from now on. True if one of them was not watched
  // before: what happened in it until now was not seen. One that is gone is left out.
  virtual bool watch(const std::vector<std::string>& folders) = 0;

  // Why not everything is seen, for people; empty if it is. Then it must be looked for from time to
  // time.
  virtual std::string degraded() const = 0;
};

// Never fails: a system that cannot watch gives one that sees nothing and says why.
std::unique_ptr<FolderWatcher> open_folder_watcher(const std::string& root);

}  // namespace mikura
