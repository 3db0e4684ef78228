#include "local/case_collisions.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mikura {
namespace {

char fold(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// FNV-1a of the folded name: folding a hundred thousand names into strings would cost more than
// listing them.
std::uint64_t folded_hash(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name)
    hash = (hash ^ static_cast<unsigned char>(fold(c))) * 0x100000001b3;
  return hash;
}

bool equal_folded(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return fold(x) == fold(y); });
}

}  // namespace

void note_case_collisions(ListedFolder& folder) {
  thread_local std::vector<std::pair<std::uint64_t, std::size_t>> hashes;
  hashes.clear();
  for (std::size_t i = 0; i < folder.nodes.size(); ++i)
    hashes.emplace_back(folded_hash(folder.nodes[i].name), i);
  std::sort(hashes.begin(), hashes.end());
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const std::string_view name = folder.nodes[hashes[i].second].name;
    for (std::size_t j : {i - 1, i + 1}) {  // i - 1 wraps for 0 and is out of range then
      if (j >= hashes.size() || hashes[j].first != hashes[i].first) continue;
      const std::string_view other = folder.nodes[hashes[j].second].name;
      if (!equal_folded(name, other)) continue;
      const std::string prefix = folder.path.empty() ? std::string() : folder.path + "/";
      folder.problems.push_back(
          {ScanProblem::Kind::not_portable, prefix + std::string(name),
           "the name differs from " + std::string(other) + " only in upper and lower case"});
      break;
    }
  }
}

}  // namespace mikura
