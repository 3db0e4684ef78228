// What is done to every entry of a version: write it, read it, cut it into segments.
#include <benchmark/benchmark.h>

#include "format/index.h"
#include "format/index_segments.h"
#include "inputs.h"

namespace mikura::benchmarks {
namespace {

constexpr std::int64_t kFiles = 100'000;

void count_entries(benchmark::State& state, std::size_t entries) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(entries));
}

void write_segments(benchmark::State& state) {
  const std::vector<Entry> entries = tree_of(static_cast<std::size_t>(state.range(0)));
  const CutKey key = derive_cut_key(random_key<ChunkKey>());
  for (auto _ : state) {
    SegmentWriter writer(key, [](const SegmentRef&, Bytes encoded) -> Result<void> {
      benchmark::DoNotOptimize(encoded.data());
      return {};
    });
    for (const Entry& entry : entries)
      if (!writer.add(entry)) state.SkipWithError("an entry was refused");
    if (!writer.finish()) state.SkipWithError("the last segment was refused");
  }
  count_entries(state, entries.size());
}
BENCHMARK(write_segments)->Arg(kFiles)->Unit(benchmark::kMillisecond);

void read_segments(benchmark::State& state) {
  const std::vector<Entry> entries = tree_of(static_cast<std::size_t>(state.range(0)));
  const CutKey key = derive_cut_key(random_key<ChunkKey>());
  std::vector<Bytes> stored;
  SegmentWriter writer(key, [&](const SegmentRef&, Bytes encoded) -> Result<void> {
    stored.push_back(std::move(encoded));
    return {};
  });
  for (const Entry& entry : entries)
    if (!writer.add(entry)) state.SkipWithError("an entry was refused");
  const Result<std::vector<SegmentRef>> segments = writer.finish();
  if (!segments) return state.SkipWithError("the last segment was refused");
  for (auto _ : state) {
    std::size_t next = 0;
    SegmentedEntries stream(*segments,
                            [&](const SegmentRef&) -> Result<Bytes> { return stored[next++]; });
    for (;;) {
      const Result<const Entry*> entry = stream.next();
      if (!entry) return state.SkipWithError(entry.error().message().c_str());
      if (*entry == nullptr) break;
      benchmark::DoNotOptimize(*entry);
    }
  }
  count_entries(state, entries.size());
}
BENCHMARK(read_segments)->Arg(kFiles)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mikura::benchmarks
