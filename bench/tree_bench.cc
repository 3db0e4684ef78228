// What is done to a working tree: scan it with everything known, and plan when one file changed.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <string_view>

#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "inputs.h"
#include "local/posix_tree.h"
#include "local/workspace_folder.h"
#include "merge/plan.h"
#include "testing/temp_folder.h"

namespace mikura::benchmarks {
namespace {

constexpr std::int64_t kFiles = 100'000;
constexpr std::int64_t kFilesOnDisk = 10'000;

void plan_one_change(benchmark::State& state) {
  const std::vector<Entry> base = tree_of(static_cast<std::size_t>(state.range(0)));
  std::vector<Entry> local = base;
  Entry& changed = local[local.size() / 2].kind == EntryKind::file ? local[local.size() / 2]
                                                                   : local[local.size() / 2 + 1];
  changed.sha256 = changed.content = sha256(as_bytes("changed"));
  const std::set<std::string> none;
  for (auto _ : state) {
    const Plan plan = make_plan(
        {.base = base, .local = local, .remote = base, .in_conflict = none, .unreadable = none});
    if (plan.counts.remote_replaces != 1) state.SkipWithError("the plan is not what it should be");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(base.size()));
}
BENCHMARK(plan_one_change)->Arg(kFiles)->Unit(benchmark::kMillisecond);

void write_files(const std::string& root, const std::vector<Entry>& entries) {
  for (const Entry& entry : entries)
    if (entry.kind == EntryKind::directory)
      std::filesystem::create_directory(root + "/" + entry.path);
    else
      std::ofstream(root + "/" + entry.path) << entry.path;
}

// Nothing is known in the first scan, and all that it found in the second one.
void scan(benchmark::State& state, bool known) {
  const TempFolder folder;
  if (!make_workspace_folder(folder.path()))
    return state.SkipWithError("the folder cannot be made");
  write_files(folder.path(), tree_of(static_cast<std::size_t>(state.range(0))));
  auto tree = open_posix_tree(folder.path(), system_clock(), system_random());
  if (!tree) return state.SkipWithError(tree.error().message().c_str());
  const std::vector<FileRecord> nothing;
  const std::vector<std::string_view> versioned;
  auto first = (*tree)->scan({.known = nothing, .versioned = versioned, .progress = {}}, {});
  if (!first) return state.SkipWithError(first.error().message().c_str());
  // A file that is as young as its hash is read again; a person's tree is older.
  for (FileRecord& record : first->records)
    record.racy = false;
  for (auto _ : state) {
    const auto scanned = (*tree)->scan(
        {.known = known ? first->records : nothing, .versioned = versioned, .progress = {}}, {});
    if (!scanned) return state.SkipWithError(scanned.error().message().c_str());
    if ((scanned->counts.hashed_files == 0) != known)
      state.SkipWithError("other files were read than should have been");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(scan, unchanged, true)
    ->Arg(kFilesOnDisk)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(scan, all_new, false)
    ->Arg(kFilesOnDisk)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace mikura::benchmarks
