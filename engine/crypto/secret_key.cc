#include "crypto/secret_key.h"

#include <sodium.h>

namespace mikura {

void wipe(MutableByteSpan bytes) {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace mikura
