#include "format/compression.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/check.h"

namespace mikura {
namespace {

constexpr int kLevel = 3;
constexpr int kProbeLevel = 1;
constexpr std::size_t kProbeBytes = 64 * 1024;
// Below this nothing can be gained: Padme and the frame header eat it.
constexpr std::size_t kMinBytes = 64;

using CompressContext = std::unique_ptr<ZSTD_CCtx, decltype([](ZSTD_CCtx* context) { ZSTD_freeCCtx(context); })>;
using DecompressContext = std::unique_ptr<ZSTD_DCtx, decltype([](ZSTD_DCtx* context) { ZSTD_freeDCtx(context); })>;

ZSTD_CCtx* compress_context() {
  thread_local const CompressContext context(ZSTD_createCCtx());
  CHECK(context != nullptr);
  return context.get();
}

ZSTD_DCtx* decompress_context() {
  thread_local const DecompressContext context(ZSTD_createDCtx());
  CHECK(context != nullptr);
  return context.get();
}

bool gains(std::size_t before, std::size_t after) { return after + before / 32 < before; }

// The compressed size, or SIZE_MAX if zstd fails.
std::size_t run(ByteSpan in, Bytes& out, int level) {
  out.resize(ZSTD_compressBound(in.size()));
  const std::size_t size = ZSTD_compressCCtx(compress_context(), out.data(), out.size(), in.data(), in.size(), level);
  if (ZSTD_isError(size) != 0) return SIZE_MAX;
  out.resize(size);
  return size;
}

bool is_zero_padding(ByteSpan rest) {
  return std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

Compressed compress(ByteSpan payload) {
  if (payload.size() < kMinBytes) return {};
  Bytes out;
  if (payload.size() > 2 * kProbeBytes) {
    const std::size_t probed = run(payload.first(kProbeBytes), out, kProbeLevel);
    if (probed == SIZE_MAX || !gains(kProbeBytes, probed)) return {};
  }
  const std::size_t size = run(payload, out, kLevel);
  if (size == SIZE_MAX || !gains(payload.size(), size)) return {};
  return {Codec::zstd, std::move(out)};
}

std::optional<Bytes> decompress(std::uint8_t codec, ByteSpan stored, std::uint64_t original_size) {
  if (codec == static_cast<std::uint8_t>(Codec::stored)) {
    if (stored.size() < original_size) return std::nullopt;
    const auto size = static_cast<std::size_t>(original_size);
    if (!is_zero_padding(stored.subspan(size))) return std::nullopt;
    return to_bytes(stored.first(size));
  }
  if (codec != static_cast<std::uint8_t>(Codec::zstd)) return std::nullopt;
  const std::size_t frame = ZSTD_findFrameCompressedSize(stored.data(), stored.size());
  if (ZSTD_isError(frame) != 0 || !is_zero_padding(stored.subspan(frame))) return std::nullopt;
  // The frame must say the same size: a single pass into exactly that much memory, whatever it contains.
  if (ZSTD_getFrameContentSize(stored.data(), frame) != original_size) return std::nullopt;
  Bytes out(static_cast<std::size_t>(original_size));
  const std::size_t size = ZSTD_decompressDCtx(decompress_context(), out.data(), out.size(), stored.data(), frame);
  if (ZSTD_isError(size) != 0 || size != out.size()) return std::nullopt;
  return out;
}

}  // namespace mikura
