#include "format/compression.h"

#include <zstd.h>

#include <cstring>

#include "base/check.h"

namespace mikura {
namespace {

constexpr int kLevel = 3;
constexpr int kProbeLevel = 1;
constexpr std::size_t kProbeBytes = 64 * 1024;
// Below this nothing can be gained: Padme and the frame header eat it.
constexpr std::size_t kMinBytes = 64;
// A larger payload is probed first; a smaller one is cheaper to try whole.
constexpr std::size_t kProbedFrom = 2 * kProbeBytes;

using CompressContext =
    std::unique_ptr<ZSTD_CCtx, decltype([](ZSTD_CCtx* context) { ZSTD_freeCCtx(context); })>;
using DecompressContext =
    std::unique_ptr<ZSTD_DCtx, decltype([](ZSTD_DCtx* context) { ZSTD_freeDCtx(context); })>;

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

// What would not gain 3 % does not fit, so zstd gives up as soon as that is certain.
std::optional<Compressed> try_level(ByteSpan in, int level) {
  const std::size_t room = in.size() - in.size() / 32;
  Compressed out{std::make_unique_for_overwrite<std::byte[]>(room), 0};
  const std::size_t size =
      ZSTD_compressCCtx(compress_context(), out.buffer.get(), room, in.data(), in.size(), level);
  if (ZSTD_isError(size) != 0 || size >= room) return std::nullopt;
  out.size_bytes = size;
  return out;
}

// Compared with itself, one byte on: as fast as memory.
bool is_zero(ByteSpan bytes) {
  return bytes.empty() || (bytes[0] == std::byte{0} &&
                           std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

std::optional<Bytes> take_stored(Bytes stored, std::size_t size) {
  if (stored.size() < size || !is_zero(std::span(stored).subspan(size))) return std::nullopt;
  stored.resize(size);
  return stored;
}

std::optional<Bytes> unpack_zstd(ByteSpan stored, std::size_t size) {
  const std::size_t frame = ZSTD_findFrameCompressedSize(stored.data(), stored.size());
  if (ZSTD_isError(frame) != 0 || !is_zero(stored.subspan(frame))) return std::nullopt;
  // The frame must say the same size. Unpacked in a single pass into exactly that much memory, zstd
  // allocates no window, whatever the frame asks for.
  if (size == 0 || ZSTD_getFrameContentSize(stored.data(), frame) != size) return std::nullopt;
  Bytes out(size);
  const std::size_t done =
      ZSTD_decompressDCtx(decompress_context(), out.data(), out.size(), stored.data(), frame);
  if (ZSTD_isError(done) != 0 || done != out.size()) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Compressed> compress(ByteSpan payload) {
  if (payload.size() < kMinBytes) return std::nullopt;
  if (payload.size() > kProbedFrom && !try_level(payload.first(kProbeBytes), kProbeLevel))
    return std::nullopt;
  return try_level(payload, kLevel);
}

std::optional<Bytes> decompress(std::uint8_t codec, Bytes stored, std::uint64_t original_size) {
  if (original_size > SIZE_MAX / 2) return std::nullopt;
  const auto size = static_cast<std::size_t>(original_size);
  switch (codec) {
    case static_cast<std::uint8_t>(Codec::stored):
      return take_stored(std::move(stored), size);
    case static_cast<std::uint8_t>(Codec::zstd):
      return unpack_zstd(stored, size);
    default:
      return std::nullopt;
  }
}

}  // namespace mikura
