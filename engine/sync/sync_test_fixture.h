// Machines for tests: working copies in temporary folders, all on one repository in memory; the
// real code below and above.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "local/posix_tree.h"
#include "local/state_db.h"
#include "local/workspace_folder.h"
#include "store/memory_store.h"
#include "sync/resolve.h"
#include "sync/restore.h"
#include "sync/sync.h"
#include "testing/temp_folder.h"
#include "vault/vault.h"

namespace mikura {

inline KeySource test_key(unsigned char fill = 7) {
  ByteArray<32> bytes;
  bytes.fill(static_cast<std::byte>(fill));
  return KeySource::key(UserKey(bytes));
}

class Machine {
 public:
  // `store` must outlive the machine.
  explicit Machine(BlobStore& store, unsigned concurrency = 4, std::string device_name = "machine")
      : concurrency_(concurrency), store_(store), device_name_(std::move(device_name)) {
    EXPECT_TRUE(make_workspace_folder(root.path()));
    state = *open_state_db(root / ".mikura/state.db");
    reopen();
    WorkspaceLink link;
    link.repository = vault->config().id;
    link.store_url = "file:///test";
    EXPECT_TRUE(state->set_link(link));
  }

  // As a new process would see it.
  void reopen() {
    const VaultEnvironment environment{system_clock(), system_random(), client.path(), device};
    auto opened = Vault::open(
        store_, {},
        [](const RepositoryId&, const KeyKinds&) -> Result<KeySource> { return test_key(); },
        environment, {});
    EXPECT_TRUE(opened) << opened.error().message();
    vault = *std::move(opened);
    tree = *open_posix_tree(root.path(), system_clock(), system_random());
  }

  SyncContext context() {
    return {vault.get(), *tree,       *state,       system_clock(), system_random(),
            memory,      no_progress, concurrency_, counts,         packs};
  }

  Result<SyncReport> sync(SyncMode mode = SyncMode::sync, SyncRequest request = {}) {
    request.mode = mode;
    const Author author{device, device_name_, "tester@machine", "mikura test"};
    return run_sync(context(), request, **state->link(), author, {});
  }

  Result<ResolveReport> resolve(const std::string& path, Resolution resolution,
                                std::vector<std::string> hold = {}) {
    return resolve_conflict(context(), **state->link(), {path, resolution, false, std::move(hold)},
                            {});
  }

  SyncReport must_sync(SyncMode mode = SyncMode::sync) {
    auto report = sync(mode);
    EXPECT_TRUE(report) << report.error().message();
    return report ? *std::move(report) : SyncReport{};
  }

  void write(const std::string& path, std::string_view text) { write_text(root / path, text); }
  std::string read(const std::string& path) { return read_text(root / path); }
  bool exists(const std::string& path) {
    return std::filesystem::exists(std::filesystem::symlink_status(root / path));
  }
  void remove(const std::string& path) { std::filesystem::remove_all(root / path); }

  // "path=content" of every file, "path/" of every folder, without .mikura.
  std::set<std::string> everything(bool with_conflict_copies = false) {
    std::set<std::string> all;
    for (auto node = std::filesystem::recursive_directory_iterator(root.path());
         node != std::filesystem::recursive_directory_iterator(); ++node) {
      const std::string path = node->path().lexically_relative(root.path()).string();
      if (path == ".mikura") {
        node.disable_recursion_pending();
        continue;
      }
      if (!with_conflict_copies && node->path().filename().string().starts_with("conflict-"))
        continue;
      if (node->is_symlink())
        all.insert(path + "->" + std::filesystem::read_symlink(node->path()).string());
      else
        all.insert(node->is_directory() ? path + "/" : path + "=" + read(path));
    }
    return all;
  }

  std::vector<std::string> conflict_copies() {
    std::vector<std::string> copies;
    for (const auto& node : std::filesystem::recursive_directory_iterator(root.path())) {
      const std::string path = node.path().lexically_relative(root.path()).string();
      if (!path.starts_with(".mikura") && node.path().filename().string().starts_with("conflict-"))
        copies.push_back(path);
    }
    std::sort(copies.begin(), copies.end());
    return copies;
  }

  TempFolder root;
  TempFolder client;
  DeviceId device = system_random().make_id<DeviceId>();
  std::unique_ptr<State> state;
  std::unique_ptr<Vault> vault;
  std::unique_ptr<WorkingTree> tree;
  ByteBudget memory{64 << 20};
  ProgressSink no_progress;
  TransferCounts counts;
  PackLimits packs;

 private:
  unsigned concurrency_;
  BlobStore& store_;
  std::string device_name_;
};

// A fresh repository in memory.
class SyncTest : public ::testing::Test {
 protected:
  // `random` makes the keys: fixed ones cut files in the same places in every run.
  explicit SyncTest(Random& random = system_random()) { EXPECT_TRUE(create_in(store, random)); }

  // Another fresh repository.
  testing::AssertionResult create_in(BlobStore& fresh, Random& random = system_random()) {
    const VaultEnvironment environment{system_clock(), random, creator.path(), {}};
    const auto created = Vault::create(fresh, {}, test_key(), environment, {});
    if (!created) return testing::AssertionFailure() << created.error().message();
    return testing::AssertionSuccess();
  }

  std::shared_ptr<MemoryStorage> shared_storage = std::make_shared<MemoryStorage>();
  MemoryStore store{shared_storage};
  TempFolder creator;
};

}  // namespace mikura
