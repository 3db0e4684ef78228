#include "store/register_history.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include "base/check.h"

namespace mikura {
namespace {

// The state after `call`, or nullopt if its outcome is impossible in `state`.
std::optional<int> after(const RegisterCall& call, int state) {
  const bool present = state != RegisterCall::kAbsent;
  switch (call.kind) {
    case RegisterCall::Kind::get:
      return call.value == state ? std::optional(state) : std::nullopt;
    case RegisterCall::Kind::put:
      return call.value;
    case RegisterCall::Kind::create:
      if (call.succeeded == present) return std::nullopt;
      return call.succeeded ? call.value : state;
    case RegisterCall::Kind::swap:
      if (call.succeeded != (present && state == call.expected)) return std::nullopt;
      return call.succeeded ? call.value : state;
    case RegisterCall::Kind::remove:
      return RegisterCall::kAbsent;
    case RegisterCall::Kind::remove_if:
      // Removing what is not there is fine.
      if (call.succeeded != (!present || state == call.expected)) return std::nullopt;
      return call.succeeded ? RegisterCall::kAbsent : state;
  }
  return std::nullopt;
}

class Search {
 public:
  explicit Search(const std::vector<RegisterCall>& calls) : calls_(calls) {}

  bool finish(std::uint32_t done, int state) {
    if (done == (std::uint32_t{1} << calls_.size()) - 1) return true;
    if (!dead_ends_.emplace(done, state).second) return false;
    std::uint64_t first_end =
        UINT64_MAX;  // a call may come next only if it began before every open call ended
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (!contains(done, i)) first_end = std::min(first_end, calls_[i].ended);
    }
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (contains(done, i) || calls_[i].began > first_end) continue;
      const std::optional<int> next = after(calls_[i], state);
      if (next && finish(done | (std::uint32_t{1} << i), *next)) return true;
    }
    return false;
  }

 private:
  static bool contains(std::uint32_t set, std::size_t i) { return ((set >> i) & 1U) != 0; }

  const std::vector<RegisterCall>& calls_;
  std::set<std::pair<std::uint32_t, int>> dead_ends_;
};

std::string_view kind_name(RegisterCall::Kind kind) {
  switch (kind) {
    case RegisterCall::Kind::get:
      return "get";
    case RegisterCall::Kind::put:
      return "put";
    case RegisterCall::Kind::create:
      return "put if absent";
    case RegisterCall::Kind::swap:
      return "put if match";
    case RegisterCall::Kind::remove:
      return "remove";
    case RegisterCall::Kind::remove_if:
      return "remove if match";
  }
  return "?";
}

}  // namespace

bool is_linearizable(const std::vector<RegisterCall>& calls, int initial_value) {
  CHECK(calls.size() <= 20);
  return Search(calls).finish(0, initial_value);
}

std::string describe_history(std::vector<RegisterCall> calls) {
  std::sort(calls.begin(), calls.end(),
            [](const RegisterCall& a, const RegisterCall& b) { return a.began < b.began; });
  std::string text;
  for (const RegisterCall& call : calls) {
    text += std::to_string(call.began) + ".." + std::to_string(call.ended) + " ";
    text += kind_name(call.kind);
    text += " value " + std::to_string(call.value) + " expected " + std::to_string(call.expected);
    text += call.succeeded ? " succeeded\n" : " failed\n";
  }
  return text;
}

}  // namespace mikura
