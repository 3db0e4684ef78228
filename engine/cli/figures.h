// Figures: what a run cost, for --json and --verbose. Thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "base/guarded.h"
#include "cli/output.h"
#include "store/open_store.h"

namespace mikura {

class Figures {
 public:
  // One finished request.
  void count(const StoreRequest& request);

  // Adds requests (total and by verb), bytes_sent, bytes_received, elapsed_ms, peak_memory_bytes.
  void add_to(Json& document) const;

 private:
  struct Counts {
    std::map<std::string, std::uint64_t> requests;  // by verb
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
  };

  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  Guarded<Counts> counts_;
};

// The most memory that this process has used since it was started; 0 if that cannot be found out.
std::uint64_t peak_memory_bytes();

}  // namespace mikura
