#include "sim/tape.h"

namespace mikura {

std::uint64_t mix_bits(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

Tape::Tape(std::uint64_t seed, const TapeEdits* edits) : seed_(seed), edits_(edits) {
  enter(0);
}

bool Tape::enter(std::uint32_t segment) {
  segment_ = segment;
  count_ = &taken_[segment];
  state_ = mix_bits(seed_ ^ mix_bits(segment));
  limit_ = UINT32_MAX;
  if (edits_ == nullptr) return true;
  if (const auto limit = edits_->limits.find(segment); limit != edits_->limits.end())
    limit_ = limit->second;
  return !edits_->dropped.contains(segment);
}

std::uint32_t Tape::choose(std::uint32_t n) {
  const std::uint32_t at = (*count_)++;
  state_ += 0x9e3779b97f4a7c15ULL;
  if (n <= 1 || at >= limit_) return 0;
  if (edits_ != nullptr && edits_->zeroed.contains({segment_, at})) return 0;
  const std::uint64_t bits = mix_bits(state_) >> 32;
  return static_cast<std::uint32_t>((bits * n) >> 32);
}

}  // namespace mikura
