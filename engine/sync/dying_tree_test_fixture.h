// DyingTree: a working tree whose process dies at its n-th call: that call has its effect or has
// not, and none after it has any. Or one that lets others do something before a call. One thread.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "local/working_tree.h"

namespace mikura {

class DyingTree final : public WorkingTree {
 public:
  // Lives through `calls` calls; with `in_effect` the next one is carried out, too.
  DyingTree(std::unique_ptr<WorkingTree> tree, unsigned calls, bool in_effect)
      : tree_(std::move(tree)), calls_(calls), in_effect_(in_effect) {}

  bool is_dead() const { return dead_; }
  // Called before every call, with its name.
  void before_calls(std::function<void(std::string_view call)> action) {
    before_ = std::move(action);
  }

  Result<ScannedTree> scan(const ScanRequest& request, std::stop_token stop) override {
    return live("scan", [&] { return tree_->scan(request, stop); });
  }
  Result<std::optional<NodeStatus>> inspect(std::string_view path) override {
    return live("inspect", [&] { return tree_->inspect(path); });
  }
  Result<std::unique_ptr<FileReader>> open_file(std::string_view path) override {
    return live("open_file", [&] { return tree_->open_file(path); });
  }
  Result<std::unique_ptr<StagedFile>> stage_file() override {
    return live("stage_file", [&] { return tree_->stage_file(); });
  }
  Result<FileStamp> place_file(std::unique_ptr<StagedFile> staged, std::string_view path,
                               const Expectation& expected, const Metadata& metadata) override {
    return live("place_file",
                [&] { return tree_->place_file(std::move(staged), path, expected, metadata); });
  }
  Result<FileStamp> place_symlink(std::string_view path, std::string_view target,
                                  const Expectation& expected, std::int64_t mtime_ns) override {
    return live("place_symlink",
                [&] { return tree_->place_symlink(path, target, expected, mtime_ns); });
  }
  Result<void> make_directory(std::string_view path, const Expectation& expected) override {
    return live("make_directory", [&] { return tree_->make_directory(path, expected); });
  }
  Result<void> remove(std::string_view path, const Expectation& expected) override {
    return live("remove", [&] { return tree_->remove(path, expected); });
  }
  Result<void> rename(std::string_view path, std::string_view new_name,
                      const Expectation& expected) override {
    return live("rename", [&] { return tree_->rename(path, new_name, expected); });
  }
  Result<FileStamp> set_metadata(std::string_view path, const Expectation& expected,
                                 const Metadata& metadata) override {
    return live("set_metadata", [&] { return tree_->set_metadata(path, expected, metadata); });
  }
  Result<void> flush() override {
    return live("flush", [&] { return tree_->flush(); });
  }
  Result<void> tidy(unsigned max_age_days, std::uint64_t max_total_bytes) override {
    return live("tidy", [&] { return tree_->tidy(max_age_days, max_total_bytes); });
  }
  std::string backup_folder() const override { return tree_->backup_folder(); }

 private:
  template <class Call>
  auto live(std::string_view name, const Call& call) -> decltype(call()) {
    if (before_) before_(name);
    if (dead_) return Error(Code::cancelled, "the process is dead");
    if (calls_-- > 0) return call();
    dead_ = true;
    if (in_effect_) (void)call();
    return Error(Code::cancelled, "the process dies");
  }

  const std::unique_ptr<WorkingTree> tree_;
  unsigned calls_;
  const bool in_effect_;
  bool dead_ = false;
  std::function<void(std::string_view)> before_;
};

}  // namespace mikura
