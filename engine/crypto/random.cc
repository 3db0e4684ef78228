#include "crypto/random.h"

#include <openssl/rand.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/check.h"
#include "crypto/secret_key.h"

namespace mikura {
namespace {

constexpr std::size_t kPoolSize = 4096;

void draw(MutableByteSpan out) {
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) ==
        1);
}

// How many fork()s lie between this process and the one that started the program. Counted by a
// handler that runs in every child: exact, where a process id can come around again, and free to
// read.
std::atomic<std::uint64_t> forks = 0;

std::uint64_t fork_generation() {
  static const bool watching = ::pthread_atfork(nullptr, nullptr, [] {
                                 forks.fetch_add(1, std::memory_order_relaxed);
                               }) == 0;
  CHECK(watching);
  return forks.load(std::memory_order_relaxed);
}

// One per thread. A call of RAND_bytes costs more than the few bytes a seal needs.
class Pool {
 public:
  ~Pool() { wipe(bytes_); }

  void take(MutableByteSpan out) {
    // After fork() both processes hold the same pool: the child throws its copy away.
    if (const std::uint64_t now = fork_generation(); now != generation_) {
      generation_ = now;
      used_ = kPoolSize;
    }
    if (out.size() > kPoolSize - used_) {
      draw(bytes_);
      used_ = 0;
    }
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(used_);
    std::copy_n(from, out.size(), out.begin());
    wipe(std::span(bytes_).subspan(used_, out.size()));
    used_ += out.size();
  }

 private:
  ByteArray<kPoolSize> bytes_{};
  std::size_t used_ = kPoolSize;
  std::uint64_t generation_ = fork_generation();
};

class SystemRandom final : public Random {
 public:
  void fill(MutableByteSpan out) override {
    thread_local Pool pool;
    if (out.size() > kPoolSize / 4) {
      draw(out);
    } else {
      pool.take(out);
    }
  }
};

}  // namespace

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace mikura
