// SimFs: one machine's folder in memory: nodes with identities and times, an area for what the
// engine backs up, and what a power cut would leave of it.
//
// Nodes are immutable values; a change puts another node in the place, with the same inode number
// if a program wrote through an open file. Everything changed since the last flush() may be undone
// by a power cut, in the order in which it was done (as journaling file systems do), and the data
// of files written since may be cut short although the names are there. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/entry.h"
#include "local/scan.h"

namespace mikura {

struct SimNode {
  std::uint64_t inode = 0;
  EntryKind kind = EntryKind::file;
  std::uint32_t mode = 0644;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::shared_ptr<const std::string> data;  // content, or a symlink's target
  bool durable = false;                     // the data is on the disk
  bool by_user = true;                      // written by a person or a tool, not by the engine
};
using SimNodePtr = std::shared_ptr<const SimNode>;
using SimNodes = std::map<std::string, SimNodePtr, std::less<>>;

FileStamp stamp_of(const SimNode& node);

class SimFs {
 public:
  // `now` gives the time that the machine's kernel would stamp. `keeps_history`: there may be power
  // cuts.
  SimFs(std::function<std::int64_t()> now, bool keeps_history);

  const SimNodes& nodes() const { return current_.nodes; }
  const std::vector<std::pair<std::string, SimNodePtr>>& backup() const { return current_.backup; }
  std::int64_t root_mtime_ns() const { return current_.root_mtime_ns; }
  SimNodePtr find(std::string_view path) const;
  bool is_folder(std::string_view path) const;  // "" is one
  bool has_children(std::string_view path) const;

  SimNode fresh(EntryKind kind, std::shared_ptr<const std::string> data) const;
  // Puts a node at `path`, whose folder must be there, and stamps its change time.
  SimNodePtr put(const std::string& path, SimNode node);
  // The same node, changed; the folder's time stays.
  SimNodePtr update(const std::string& path, SimNode node);
  void erase(const std::string& path);
  // A node or a whole folder.
  void rename(const std::string& from, const std::string& to);
  void keep_in_backup(const std::string& path, SimNodePtr node);
  void set_root_mtime(std::int64_t mtime_ns);
  // Writes through a file that a program has open: wherever its inode is by now. Returns its path
  // if it is still in the tree, "" if it lies in the backup, nullopt if it is nowhere any more.
  std::optional<std::string> write_open(std::uint64_t inode,
                                        std::shared_ptr<const std::string> data);

  void flush();
  std::uint64_t flushes() const { return flushes_; }
  // `choose(n)` gives a number below n. What was durable before is given to `was_durable`.
  void power_cut(const std::function<std::uint32_t(std::uint32_t)>& choose);
  // Calls for each node that a power cut now would surely leave.
  void each_durable(const std::function<void(const SimNode&)>& call) const;

 private:
  struct Image {
    SimNodes nodes;
    std::vector<std::pair<std::string, SimNodePtr>> backup;
    std::int64_t root_mtime_ns = 0;
  };

  void touch_folder_of(std::string_view path);
  void changed();

  std::function<std::int64_t()> now_;
  const bool keeps_history_;
  Image current_;
  std::vector<Image> unflushed_;  // since the last flush; the first is what it made durable
  std::uint64_t last_inode_ = 100;
  std::uint64_t flushes_ = 0;
};

}  // namespace mikura
