// A linearizability checker for one object of a BlobStore: what concurrent callers saw must be
// explainable by some order of their calls, one after the other, that respects which call ended
// before which began.
//
// For tests only (store/blob_store_suite.cc). Pure. Values are small integers that the test gives
// to each body it writes; every body is written at most once, so that a value names one put.
// kAbsent is "no object".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mikura {

struct RegisterCall {
  static constexpr int kAbsent = 0;
  enum class Kind : std::uint8_t { get, put, create, swap, remove, remove_if };

  Kind kind = Kind::get;
  bool succeeded = true;    // false: the condition failed and nothing was changed
  int value = kAbsent;      // get: what was seen; put, create, swap: what was to be written
  int expected = kAbsent;   // swap, remove_if: what the object had to be
  std::uint64_t began = 0;  // points of one global counter
  std::uint64_t ended = 0;
};

// True if the calls can be ordered so that each is right. At most 20 calls (the search is
// exponential in those that overlap).
bool is_linearizable(const std::vector<RegisterCall>& calls, int initial_value);

// For the message of a failing test: one call a line, by begin.
std::string describe_history(std::vector<RegisterCall> calls);

}  // namespace mikura
