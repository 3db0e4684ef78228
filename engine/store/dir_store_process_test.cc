// What a folder store promises between processes: real ones, made by fork, and killed.
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "store/dir_lock.h"
#include "store/dir_store.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

constexpr unsigned kProcesses = 4;
constexpr unsigned kRounds = 60;

// Memory that the processes share.
struct Shared {
  std::array<std::atomic<unsigned>, kRounds> winners{};
  std::atomic<unsigned> arrived = 0;
  std::atomic<unsigned> failures = 0;
  std::atomic<std::uint64_t> progress = 0;

  // All processes are here before any goes on.
  void meet() {
    const unsigned target = (arrived.fetch_add(1) / kProcesses + 1) * kProcesses;
    while (arrived.load() < target)
      ::sched_yield();
  }
};

class SharedMemory {
 public:
  SharedMemory()
      : shared_(new(::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Shared) {}
  ~SharedMemory() { ::munmap(shared_, sizeof(Shared)); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  Shared* operator->() const { return shared_; }

 private:
  Shared* shared_;
};

pid_t spawn(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // whoever ends the test ends its processes
    body();
    ::_exit(0);
  }
  return child;
}

bool ended_well(pid_t child) {
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::unique_ptr<BlobStore> open(const std::string& path, DirStoreOptions::Placement placement) {
  auto store = open_dir_store(path, {.placement = placement});
  return store ? *std::move(store) : nullptr;
}

class DirStoreProcesses : public testing::TestWithParam<DirStoreOptions::Placement> {
 protected:
  // Runs body(store, process number) in kProcesses processes with a store each.
  void run(const std::function<void(BlobStore&, unsigned)>& body) {
    std::vector<pid_t> children;
    for (unsigned p = 0; p < kProcesses; ++p) {
      children.push_back(spawn([&] {
        const auto store = open(folder_.path(), GetParam());
        body(*store, p);
      }));
    }
    for (const pid_t child : children)
      EXPECT_TRUE(ended_well(child));
    EXPECT_EQ(shared_->failures, 0U);
  }

  const TempFolder folder_;
  SharedMemory shared_;
};

TEST_P(DirStoreProcesses, OfManyRacingIfAbsentPutsExactlyOneWins) {
  run([&](BlobStore& store, unsigned process) {
    for (unsigned round = 0; round < kRounds; ++round) {
      shared_->meet();
      const std::string name = "locks/" + std::to_string(round);
      auto put = store.put(name, as_bytes(std::to_string(process)), PutCondition::if_absent(), {});
      if (put) ++shared_->winners[round];
      if (!put && !put.failed_with(Code::already_exists)) ++shared_->failures;
    }
  });
  for (unsigned round = 0; round < kRounds; ++round)
    ASSERT_EQ(shared_->winners[round], 1U) << "round " << round;
}

TEST_P(DirStoreProcesses, OfManyRacingIfMatchPutsExactlyOneWins) {
  ASSERT_TRUE(
      open(folder_.path(), GetParam())->put("HEAD", as_bytes("start"), PutCondition::none(), {}));
  run([&](BlobStore& store, unsigned process) {
    for (unsigned round = 0; round < kRounds; ++round) {
      auto blob = get_whole(store, "HEAD", 100, {});
      shared_->meet();
      if (!blob) {
        ++shared_->failures;
        continue;
      }
      const std::string body = std::to_string(10'000 + round * kProcesses + process);
      auto put = store.put("HEAD", as_bytes(body), PutCondition::if_match(blob->etag), {});
      if (put) ++shared_->winners[round];
      if (!put && !put.failed_with(Code::conflict)) ++shared_->failures;
      shared_->meet();
    }
  });
  for (unsigned round = 0; round < kRounds; ++round)
    ASSERT_EQ(shared_->winners[round], 1U) << "round " << round;
}

TEST_P(DirStoreProcesses, ACounterKeptByAllLosesNoIncrement) {
  constexpr unsigned kIncrements = 20;
  ASSERT_TRUE(
      open(folder_.path(), GetParam())->put("HEAD", as_bytes("0"), PutCondition::none(), {}));
  run([&](BlobStore& store, unsigned process) {
    const std::string noise = "objects/" + std::to_string(process);
    for (unsigned done = 0; done < kIncrements;) {
      auto blob = get_whole(store, "HEAD", 100, {});
      if (!blob) ++shared_->failures;
      if (!blob) return;
      const std::string next = std::to_string(std::stoul(std::string(as_text(blob->data))) + 1);
      if (store.put("HEAD", as_bytes(next), PutCondition::if_match(blob->etag), {})) ++done;
      if (!store.put(noise, as_bytes(next), PutCondition::none(), {})) ++shared_->failures;
    }
  });
  EXPECT_EQ(read_text(folder_ / "HEAD"), std::to_string(kProcesses * kIncrements));
}

INSTANTIATE_TEST_SUITE_P(Placements, DirStoreProcesses,
                         testing::Values(DirStoreOptions::Placement::rename,
                                         DirStoreOptions::Placement::link,
                                         DirStoreOptions::Placement::lock));

// A body says of itself whether it is whole: its size in eight digits, and one letter up to that
// size.
std::string self_describing(std::size_t size_bytes, char letter) {
  std::string text = std::to_string(100'000'000 + size_bytes).substr(1);
  text.resize(size_bytes, letter);
  return text;
}

bool is_whole(std::string_view text) {
  if (text.size() < 9 || std::stoul(std::string(text.substr(0, 8))) != text.size()) return false;
  return text.substr(8).find_first_not_of(text[8]) == std::string_view::npos;
}

// Writes until it is killed: new objects, overwrites, swaps and removals.
void write_forever(const std::string& path, unsigned seed, Shared& shared) {
  const auto store = open(path, DirStoreOptions::Placement::rename);
  std::mt19937 random(seed);
  for (unsigned i = 0;; ++i) {
    const std::string body =
        self_describing(9 + random() % 200'000, static_cast<char>('a' + i % 26));
    const std::string name =
        "objects/" + std::to_string(random() % 8) + "/" + std::to_string(random() % 8);
    bool good = bool(store->put(name, as_bytes(body), PutCondition::none(), {}));
    auto head = get_whole(*store, "HEAD", kMaxObjectSizeBytes, {});
    if (head) {
      good = good && is_whole(as_text(head->data)) &&
             store->put("HEAD", as_bytes(body), PutCondition::if_match(head->etag), {});
    } else {
      good = good && store->put("HEAD", as_bytes(body), PutCondition::if_absent(), {});
    }
    if (random() % 4 == 0) good = good && store->remove(name, std::nullopt, {});
    if (!good) ++shared.failures;
    ++shared.progress;
  }
}

TEST(DirStoreKilledWriter, LeavesOnlyWholeObjectsAndNoLock) {
  const TempFolder folder;
  const SharedMemory shared;
  std::mt19937 random(7);
  for (unsigned round = 0; round < 40; ++round) {
    const std::uint64_t before = shared->progress;
    const pid_t child = spawn([&] { write_forever(folder.path(), round, *shared.operator->()); });
    while (shared->progress == before)
      ::sched_yield();
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 15'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);

    const auto store = open(folder.path(), DirStoreOptions::Placement::rename);
    auto listed = list_all(*store, "", {});
    ASSERT_TRUE(listed) << listed.error().message();
    for (const ListedBlob& blob : *listed) {
      auto read = get_whole(*store, blob.name, kMaxObjectSizeBytes, {});
      ASSERT_TRUE(read) << read.error().message();
      EXPECT_EQ(read->etag, blob.etag);
      EXPECT_TRUE(is_whole(as_text(read->data)))
          << blob.name << " of " << blob.size_bytes << " bytes";
    }
    // The next writer neither waits for the dead one nor is confused by what it left.
    auto head = get_whole(*store, "HEAD", kMaxObjectSizeBytes, {});
    ASSERT_TRUE(head) << head.error().message();
    const std::string body = self_describing(100, 'z');
    ASSERT_TRUE(store->put("HEAD", as_bytes(body), PutCondition::if_match(head->etag), {}));
  }
  EXPECT_EQ(shared->failures, 0U);
}

TEST(StoreLock, OfAKilledProcessIsFree) {
  const TempFolder folder;
  const SharedMemory shared;
  auto root = DirRoot::open(folder.path());
  ASSERT_TRUE(root);
  const pid_t child = spawn([&] {
    auto lock = StoreLock::acquire(*root, {});
    shared->progress = lock ? 1 : 2;
    for (;;)
      ::pause();
  });
  while (shared->progress == 0)
    ::sched_yield();
  ASSERT_EQ(shared->progress, 1U);

  std::stop_source stop;
  std::jthread impatient([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    stop.request_stop();
  });
  EXPECT_TRUE(StoreLock::acquire(*root, stop.get_token()).failed_with(Code::cancelled));

  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(StoreLock::acquire(*root, {}));
}

TEST(StoreLock, ExcludesThreadsAndIsFreeAfterwards) {
  const TempFolder folder;
  auto root = DirRoot::open(folder.path());
  ASSERT_TRUE(root);
  std::atomic<unsigned> inside = 0;
  std::atomic<bool> overlap = false;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 30; ++i) {
          auto lock = StoreLock::acquire(*root, {});
          ASSERT_TRUE(lock) << lock.error().message();
          if (inside.fetch_add(1) != 0) overlap = true;
          std::this_thread::yield();
          inside.fetch_sub(1);
        }
      });
    }
  }
  EXPECT_FALSE(overlap);
  EXPECT_TRUE(StoreLock::acquire(*root, {}));
}

}  // namespace
}  // namespace mikura
