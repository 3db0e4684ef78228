#include "crypto/random.h"

#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/secret_key.h"

namespace mikura {
namespace {

constexpr std::size_t kPoolSize = 4096;

void draw(MutableByteSpan out) {
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) == 1);
}

// One per thread. A call of RAND_bytes costs more than the few bytes a seal needs.
class Pool {
 public:
  ~Pool() { wipe(bytes_); }

  void take(MutableByteSpan out) {
    // After fork() both processes hold the same pool: the child throws its copy away.
    if (const pid_t now = ::getpid(); now != owner_) {
      owner_ = now;
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
  pid_t owner_ = 0;
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
