// What is done to every byte: hash, compress, seal, open, find the cuts.
#include <benchmark/benchmark.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "format/chunker.h"
#include "format/envelope.h"
#include "inputs.h"

namespace mikura::benchmarks {
namespace {

constexpr std::int64_t kSmall = 4 << 10;
constexpr std::int64_t kLarge = 1 << 20;

// The repository of an example; what it is does not matter to the time.
struct Sealing {
  EpochKey key = random_key<EpochKey>();
  SealContext context{
      .repository = {},
      .type = ObjectType::blob,
      .name = "objects/ab/abababababababababababababababababababababababababababababababab",
      .epoch = 1,
      .key = key.expose()};
};

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void hash(benchmark::State& state) {
  const Bytes data = random_bytes(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(sha256(data));
  count_bytes(state);
}
BENCHMARK(hash)->Arg(kSmall)->Arg(kLarge);

void seal_data(benchmark::State& state, Bytes (*make)(std::size_t)) {
  const Bytes data = make(static_cast<std::size_t>(state.range(0)));
  const Sealing sealing;
  for (auto _ : state)
    benchmark::DoNotOptimize(seal(sealing.context, data, system_random()));
  count_bytes(state);
}
BENCHMARK_CAPTURE(seal_data, source, source_text)->Arg(kSmall)->Arg(kLarge);
BENCHMARK_CAPTURE(seal_data, incompressible, random_bytes)->Arg(kSmall)->Arg(kLarge);

void open_data(benchmark::State& state, Bytes (*make)(std::size_t)) {
  const Sealing sealing;
  const Bytes sealed =
      seal(sealing.context, make(static_cast<std::size_t>(state.range(0))), system_random());
  for (auto _ : state) {
    const Result<Bytes> opened = open_sealed(sealing.context, sealed, kMaxBlobBytes);
    if (!opened) state.SkipWithError(opened.error().message().c_str());
  }
  count_bytes(state);
}
BENCHMARK_CAPTURE(open_data, source, source_text)->Arg(kSmall)->Arg(kLarge);
BENCHMARK_CAPTURE(open_data, incompressible, random_bytes)->Arg(kSmall)->Arg(kLarge);

void chunk(benchmark::State& state) {
  const Bytes data = random_bytes(static_cast<std::size_t>(state.range(0)));
  const GearTable gear(random_key<ChunkKey>());
  const Chunker chunker(gear, data.size(), data);
  for (auto _ : state)
    for (ByteSpan rest = data; !rest.empty(); rest = rest.subspan(chunker.cut(rest)))
      benchmark::ClobberMemory();
  count_bytes(state);
}
BENCHMARK(chunk)->Arg(16 << 20);

}  // namespace
}  // namespace mikura::benchmarks
