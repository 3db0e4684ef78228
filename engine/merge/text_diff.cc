#include "merge/text_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace mikura {
namespace {

constexpr std::size_t kBinaryProbe = 8000;
// Beyond so many differences a diff helps nobody, and the search would take memory squared.
constexpr std::int64_t kMaxDifferences = 3000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

// Lines as numbers: equal lines, equal numbers.
class Interner {
 public:
  std::vector<std::uint32_t> numbers(const std::vector<std::string_view>& lines) {
    std::vector<std::uint32_t> out;
    out.reserve(lines.size());
    for (const std::string_view line : lines)
      out.push_back(ids_.emplace(line, static_cast<std::uint32_t>(ids_.size())).first->second);
    return out;
  }

 private:
  std::unordered_map<std::string_view, std::uint32_t> ids_;
};

// Which lines of each side are not common to both.
struct Marks {
  std::vector<bool> removed;
  std::vector<bool> added;
};

// Myers' greedy search over the part between the common ends; `history` keeps each round's furthest
// points to walk back along.
class Search {
 public:
  Search(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) : a_(a), b_(b) {}

  // False if there are too many differences.
  bool run(std::size_t a_offset, std::size_t b_offset, Marks& marks) {
    const auto n = static_cast<std::int64_t>(a_.size());
    const auto m = static_cast<std::int64_t>(b_.size());
    const std::int64_t limit = std::min(n + m, kMaxDifferences);
    std::vector<std::int64_t> furthest(static_cast<std::size_t>(2 * limit + 3), 0);
    const auto at = [&](std::int64_t k) -> std::int64_t& {
      return furthest[static_cast<std::size_t>(k + limit + 1)];
    };
    for (std::int64_t d = 0; d <= limit; ++d) {
      std::vector<std::int64_t> kept;
      for (std::int64_t k = -d; k <= d; ++k)
        kept.push_back(at(k));
      history_.push_back(std::move(kept));
      for (std::int64_t k = -d; k <= d; k += 2) {
        std::int64_t x = k == -d || (k != d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
        std::int64_t y = x - k;
        while (x < n && y < m &&
               a_[static_cast<std::size_t>(x)] == b_[static_cast<std::size_t>(y)]) {
          ++x;
          ++y;
        }
        at(k) = x;
        if (x < n || y < m) continue;
        walk_back(d, a_offset, b_offset, marks);
        return true;
      }
    }
    return false;
  }

 private:
  void walk_back(std::int64_t d, std::size_t a_offset, std::size_t b_offset, Marks& marks) const {
    auto x = static_cast<std::int64_t>(a_.size());
    auto y = static_cast<std::int64_t>(b_.size());
    for (; d > 0; --d) {
      const std::vector<std::int64_t>& before = history_[static_cast<std::size_t>(d)];
      const auto at = [&](std::int64_t k) { return before[static_cast<std::size_t>(k + d)]; };
      const std::int64_t k = x - y;
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      const std::int64_t previous_k = down ? k + 1 : k - 1;
      const std::int64_t previous_x = at(previous_k);
      const std::int64_t previous_y = previous_x - previous_k;
      if (down)
        marks.added[b_offset + static_cast<std::size_t>(previous_y)] = true;
      else
        marks.removed[a_offset + static_cast<std::size_t>(previous_x)] = true;
      x = previous_x;
      y = previous_y;
    }
  }

  std::span<const std::uint32_t> a_;
  std::span<const std::uint32_t> b_;
  std::vector<std::vector<std::int64_t>> history_;
};

Marks compare(const std::vector<std::string_view>& before,
              const std::vector<std::string_view>& after) {
  Interner interner;
  const auto a = interner.numbers(before);
  const auto b = interner.numbers(after);
  std::size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head])
    ++head;
  std::size_t tail = 0;
  while (tail < a.size() - head && tail < b.size() - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
    ++tail;
  Marks marks{std::vector<bool>(a.size(), false), std::vector<bool>(b.size(), false)};
  const auto middle_a = std::span(a).subspan(head, a.size() - head - tail);
  const auto middle_b = std::span(b).subspan(head, b.size() - head - tail);
  if (!Search(middle_a, middle_b).run(head, head, marks)) {
    std::fill(marks.removed.begin() + static_cast<std::ptrdiff_t>(head),
              marks.removed.end() - static_cast<std::ptrdiff_t>(tail), true);
    std::fill(marks.added.begin() + static_cast<std::ptrdiff_t>(head),
              marks.added.end() - static_cast<std::ptrdiff_t>(tail), true);
  }
  return marks;
}

// One line of the merged view of both texts.
struct Line {
  char sign;  // ' ', '-', '+'
  std::string_view text;
};

std::vector<Line> merge_view(const std::vector<std::string_view>& before,
                             const std::vector<std::string_view>& after, const Marks& marks) {
  std::vector<Line> view;
  std::size_t a = 0;
  std::size_t b = 0;
  while (a < before.size() || b < after.size()) {
    if (a < before.size() && marks.removed[a])
      view.push_back({'-', before[a++]});
    else if (b < after.size() && marks.added[b])
      view.push_back({'+', after[b++]});
    else {
      view.push_back({' ', before[a++]});
      ++b;
    }
  }
  return view;
}

std::string range_text(std::size_t first, std::size_t count) {
  // An empty range names the line before it.
  const std::size_t start = count == 0 ? first : first + 1;
  return count == 1 ? fmt::format("{}", start) : fmt::format("{},{}", start, count);
}

void append_hunk(std::string& out, std::span<const Line> lines, std::size_t a, std::size_t b) {
  std::size_t a_count = 0;
  std::size_t b_count = 0;
  for (const Line& line : lines) {
    if (line.sign != '+') ++a_count;
    if (line.sign != '-') ++b_count;
  }
  out += fmt::format("@@ -{} +{} @@\n", range_text(a, a_count), range_text(b, b_count));
  for (const Line& line : lines) {
    out += line.sign;
    out += line.text;
    if (!line.text.ends_with('\n')) out += "\n\\ No newline at end of file\n";
  }
}

}  // namespace

bool looks_binary(ByteSpan bytes) {
  const ByteSpan probe = bytes.first(std::min(bytes.size(), kBinaryProbe));
  return std::find(probe.begin(), probe.end(), std::byte{0}) != probe.end();
}

std::string unified_hunks(std::string_view before, std::string_view after, unsigned context) {
  const auto old_lines = lines_of(before);
  const auto new_lines = lines_of(after);
  const std::vector<Line> view = merge_view(old_lines, new_lines, compare(old_lines, new_lines));
  std::string out;
  std::size_t a = 0;  // lines of each side before `done`
  std::size_t b = 0;
  std::size_t done = 0;
  const auto skip_to = [&](std::size_t end) {
    for (; done < end; ++done) {
      if (view[done].sign != '+') ++a;
      if (view[done].sign != '-') ++b;
    }
  };
  for (std::size_t i = 0; i < view.size();) {
    if (view[i].sign == ' ') {
      ++i;
      continue;
    }
    // Changes closer than twice the context share a hunk.
    std::size_t last = i;
    for (std::size_t k = i; k < view.size() && k - last <= 2 * context; ++k) {
      if (view[k].sign != ' ') last = k;
    }
    const std::size_t begin = std::max(done, i > context ? i - context : 0);
    const std::size_t end = std::min(view.size(), last + 1 + context);
    skip_to(begin);
    append_hunk(out, std::span(view).subspan(begin, end - begin), a, b);
    skip_to(end);
    i = end;
  }
  return out;
}

}  // namespace mikura
