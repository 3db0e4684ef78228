// .mikura/tmp: where new nodes are made before they are moved into the tree. Internal to local/.
//
// What lies there is always ours and never the only copy of anything of the user's: the old content
// of a file goes straight from the tree into the backup (placer.h). So a killed run's leftovers can
// simply be deleted. Thread-safe; a Temporary and a PosixStagedFile belong to one thread at a time.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "base/file.h"
#include "base/guarded.h"
#include "crypto/random.h"
#include "local/renamer.h"
#include "local/stamp.h"
#include "local/working_tree.h"

namespace mikura {

class StagingArea {
 public:
  StagingArea(Fd folder, Random& random) : folder_(std::move(folder)), random_(random) {}

  int folder() const { return folder_.get(); }
  // 16 random hexadecimal digits.
  std::string random_name();

  // Names in use by this process: sweep() spares them.
  void enter(const std::string& name);
  void leave(const std::string& name);

  // Deletes what killed runs left: everything but names in use, and those that start with
  // `spared_prefix`.
  Result<void> sweep(std::string_view spared_prefix);

 private:
  const Fd folder_;
  Random& random_;
  Guarded<std::set<std::string>> in_use_;
};

// A node of ours that is not in the tree (yet). Dropping it deletes the node, unless it was
// released.
class Temporary {
 public:
  // In the staging area, as `name`.
  Temporary(std::shared_ptr<StagingArea> area, std::string name);
  // Anywhere.
  explicit Temporary(NameAt at) : at_(std::move(at)) {}
  Temporary(Temporary&& other) noexcept;
  Temporary& operator=(Temporary&&) = delete;
  ~Temporary();

  const NameAt& at() const { return at_; }
  // The node was renamed: its handle must stay open as long as this object lives.
  void moved_to(NameAt to) { at_ = std::move(to); }
  // Deletes the node now.
  void discard();
  bool is_owned() const { return owned_; }
  // The name is not ours any more: the node is in the tree, or the name now holds something of the
  // user's.
  void release() { owned_ = false; }

 private:
  std::shared_ptr<StagingArea> area_;
  std::string entered_;
  NameAt at_;
  bool owned_ = true;
};

class PosixStagedFile final : public StagedFile {
 public:
  static Result<std::unique_ptr<PosixStagedFile>> create(std::shared_ptr<StagingArea> area);

  Result<void> write(ByteSpan bytes) override;
  Result<void> finish() override;

  bool is_finished() const { return !fd_; }
  Temporary& node() { return node_; }

 private:
  PosixStagedFile(Temporary node, Fd fd) : node_(std::move(node)), fd_(std::move(fd)) {}
  Temporary node_;
  Fd fd_;
};

}  // namespace mikura
