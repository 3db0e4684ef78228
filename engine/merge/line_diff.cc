#include "merge/line_diff.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "base/check.h"

namespace mikura {
namespace {

using Index = std::int64_t;
constexpr Index kFar = std::numeric_limits<Index>::max();

// Lines that occur at least this often on the other side are poor landmarks.
constexpr Index kMaxCommonLimit = 1024;
constexpr Index kNeighbourWindow = 100;
constexpr Index kPoorRunFactor = 4;
// The search: what it may cost before it settles, and what counts as a good diagonal.
constexpr Index kMinCostLimit = 256;
constexpr Index kHeuristicCost = 256;
constexpr Index kHeuristicFactor = 4;
constexpr Index kGoodSnake = 20;

// A power of two near the square root.
Index rough_root(Index n) {
  Index root = 1;
  for (; n > 0; n >>= 2)
    root <<= 1;
  return root;
}

// One side: its lines as numbers (equal lines have equal numbers) and which of them changed.
class Side {
 public:
  explicit Side(std::vector<Index> lines)
      : lines_(std::move(lines)), changed_(lines_.size() + 2, false) {}

  Index size() const { return static_cast<Index>(lines_.size()); }
  Index line(Index i) const { return lines_[static_cast<std::size_t>(i)]; }
  // Also asked one before the first line and one behind the last.
  bool changed(Index i) const { return changed_[static_cast<std::size_t>(i + 1)]; }
  void set_changed(Index i, bool value) { changed_[static_cast<std::size_t>(i + 1)] = value; }

 private:
  std::vector<Index> lines_;
  std::vector<bool> changed_;
};

struct Sides {
  Side before, after;
  std::vector<Index> count_before, count_after;  // by line number
};

Sides number_lines(const std::vector<std::string_view>& before,
                   const std::vector<std::string_view>& after) {
  std::unordered_map<std::string_view, Index> numbers;
  std::vector<Index> counts[2];
  std::vector<Index> lines[2];
  const std::vector<std::string_view>* texts[2] = {&before, &after};
  for (int side = 0; side < 2; ++side) {
    lines[side].reserve(texts[side]->size());
    for (const std::string_view text : *texts[side]) {
      const auto [known, is_new] = numbers.emplace(text, static_cast<Index>(numbers.size()));
      if (is_new) {
        counts[0].push_back(0);
        counts[1].push_back(0);
      }
      ++counts[side][static_cast<std::size_t>(known->second)];
      lines[side].push_back(known->second);
    }
  }
  return {Side(std::move(lines[0])), Side(std::move(lines[1])), std::move(counts[0]),
          std::move(counts[1])};
}

// The lines between the common head and the common tail of both.
struct Middle {
  Index begin = 0, end_before = 0, end_after = 0;
};

Middle find_middle(const Side& before, const Side& after) {
  Middle middle{0, before.size(), after.size()};
  while (middle.begin < middle.end_before && middle.begin < middle.end_after &&
         before.line(middle.begin) == after.line(middle.begin))
    ++middle.begin;
  while (middle.begin < middle.end_before && middle.begin < middle.end_after &&
         before.line(middle.end_before - 1) == after.line(middle.end_after - 1)) {
    --middle.end_before;
    --middle.end_after;
  }
  return middle;
}

// --- Landmarks: the lines that the search looks at ---

enum class Matches : std::uint8_t { none, some, many };

// A line with many matches is dropped if it lies in a run of lines that mostly have none.
bool is_lost_among_others(const std::vector<Matches>& matches, Index i) {
  const Index end = static_cast<Index>(matches.size());
  struct Run {
    Index none = 0;
    Index many = 1;
  };
  const auto look = [&](Index step) {
    Run run;
    for (Index j = i + step; j >= 0 && j < end && std::abs(j - i) <= kNeighbourWindow; j += step) {
      const Matches there = matches[static_cast<std::size_t>(j)];
      if (there == Matches::some) break;
      ++(there == Matches::none ? run.none : run.many);
    }
    return run;
  };
  const Run above = look(-1);
  if (above.none == 0) return false;
  const Run below = look(1);
  if (below.none == 0) return false;
  const Index many = above.many + below.many;
  return many * kPoorRunFactor < many + above.none + below.none;
}

struct Landmarks {
  std::vector<Index> place;  // the line's place in its side
  std::vector<Index> line;   // its number
};

// Lines that the other side does not have are marked as changed at once.
Landmarks choose_landmarks(Side& side, Index begin, Index end,
                           const std::vector<Index>& elsewhere) {
  const Index limit = std::min(rough_root(side.size()), kMaxCommonLimit);
  std::vector<Matches> matches;
  for (Index i = begin; i < end; ++i) {
    const Index count = elsewhere[static_cast<std::size_t>(side.line(i))];
    matches.push_back(count == 0 ? Matches::none : count >= limit ? Matches::many : Matches::some);
  }
  Landmarks landmarks;
  for (Index i = begin; i < end; ++i) {
    const Matches found = matches[static_cast<std::size_t>(i - begin)];
    const bool is_landmark = found == Matches::some ||
                             (found == Matches::many && !is_lost_among_others(matches, i - begin));
    if (is_landmark) {
      landmarks.place.push_back(i);
      landmarks.line.push_back(side.line(i));
    } else {
      side.set_changed(i, true);
    }
  }
  return landmarks;
}

// --- The search (Myers 1986, section 4b: from both ends at once), with limits to its cost ---

// Furthest points by diagonal; diagonals may be negative.
class Diagonals {
 public:
  Diagonals(Index lowest, Index highest)
      : lowest_(lowest), values_(static_cast<std::size_t>(highest - lowest + 1)) {}
  Index& operator[](Index d) { return values_[static_cast<std::size_t>(d - lowest_)]; }

 private:
  Index lowest_;
  std::vector<Index> values_;
};

struct Box {
  Index begin1, end1, begin2, end2;
};

struct Split {
  Index at1 = 0, at2 = 0;
  bool exact_above = true, exact_below = true;  // whether the halves deserve an exact search
};

class Search {
 public:
  Search(const Landmarks& before, const Landmarks& after, Side& before_side, Side& after_side)
      : a_(before),
        b_(after),
        before_(before_side),
        after_(after_side),
        forward_(-size(after) - 1, size(before) + 1),
        backward_(-size(after) - 1, size(before) + 1),
        cost_limit_(std::max(rough_root(size(before) + size(after) + 3), kMinCostLimit)) {}

  void run() { compare({0, size(a_), 0, size(b_)}, false); }

 private:
  static Index size(const Landmarks& marks) { return static_cast<Index>(marks.line.size()); }
  bool same(Index i, Index j) const {
    return a_.line[static_cast<std::size_t>(i)] == b_.line[static_cast<std::size_t>(j)];
  }

  void compare(Box box, bool exact) {
    for (;;) {
      while (box.begin1 < box.end1 && box.begin2 < box.end2 && same(box.begin1, box.begin2)) {
        ++box.begin1;
        ++box.begin2;
      }
      while (box.begin1 < box.end1 && box.begin2 < box.end2 && same(box.end1 - 1, box.end2 - 1)) {
        --box.end1;
        --box.end2;
      }
      if (box.begin1 == box.end1 || box.begin2 == box.end2) break;
      const Split split = find_split(box, exact);
      // Each split halves the cost, so the recursion is shallow.
      compare({box.begin1, split.at1, box.begin2, split.at2}, split.exact_above);
      box = {split.at1, box.end1, split.at2, box.end2};
      exact = split.exact_below;
    }
    for (Index i = box.begin1; i < box.end1; ++i)
      before_.set_changed(a_.place[static_cast<std::size_t>(i)], true);
    for (Index j = box.begin2; j < box.end2; ++j)
      after_.set_changed(b_.place[static_cast<std::size_t>(j)], true);
  }

  // The diagonals that one of the two searches has reached.
  struct Range {
    Index middle, low, high;
  };

  // One more step: a diagonal more on each side, or one less where the box ends.
  static void widen(Range& range, const Box& box, Diagonals& reached, Index beyond) {
    const Index lowest = box.begin1 - box.end2;
    const Index highest = box.end1 - box.begin2;
    if (range.low > lowest)
      reached[--range.low - 1] = beyond;
    else
      ++range.low;
    if (range.high < highest)
      reached[++range.high + 1] = beyond;
    else
      --range.high;
  }

  Split find_split(const Box& box, bool exact) {
    Range f{box.begin1 - box.begin2, box.begin1 - box.begin2, box.begin1 - box.begin2};
    Range b{box.end1 - box.end2, box.end1 - box.end2, box.end1 - box.end2};
    const bool odd = ((f.middle - b.middle) & 1) != 0;
    forward_[f.middle] = box.begin1;
    backward_[b.middle] = box.end1;
    for (Index cost = 1;; ++cost) {
      bool good_snake = false;
      widen(f, box, forward_, -1);
      for (Index d = f.high; d >= f.low; d -= 2) {
        good_snake |= advance(box, d);
        const bool met = odd && b.low <= d && d <= b.high && backward_[d] <= forward_[d];
        if (met) return {forward_[d], forward_[d] - d, true, true};
      }
      widen(b, box, backward_, kFar);
      for (Index d = b.high; d >= b.low; d -= 2) {
        good_snake |= retreat(box, d);
        const bool met = !odd && f.low <= d && d <= f.high && backward_[d] <= forward_[d];
        if (met) return {backward_[d], backward_[d] - d, true, true};
      }
      if (exact) continue;
      Split split;
      if (good_snake && cost > kHeuristicCost &&
          (promising_forward(box, f, cost, split) || promising_backward(box, b, cost, split)))
        return split;
      if (cost >= cost_limit_) return furthest(box, f, b);
    }
  }

  // True if the diagonal went along a long run of equal lines.
  bool advance(const Box& box, Index d) {
    const Index start = forward_[d - 1] >= forward_[d + 1] ? forward_[d - 1] + 1 : forward_[d + 1];
    Index i = start;
    while (i < box.end1 && i - d < box.end2 && same(i, i - d))
      ++i;
    forward_[d] = i;
    return i - start > kGoodSnake;
  }

  bool retreat(const Box& box, Index d) {
    const Index start =
        backward_[d - 1] < backward_[d + 1] ? backward_[d - 1] : backward_[d + 1] - 1;
    Index i = start;
    while (i > box.begin1 && i - d > box.begin2 && same(i - 1, i - 1 - d))
      --i;
    backward_[d] = i;
    return start - i > kGoodSnake;
  }

  // The diagonal that came furthest for its cost and ends in a long run of equal lines.
  bool promising_forward(const Box& box, const Range& f, Index cost, Split& split) {
    Index best = 0;
    for (Index d = f.high; d >= f.low; d -= 2) {
      const Index i = forward_[d];
      const Index j = i - d;
      const Index gain = (i - box.begin1) + (j - box.begin2) - std::abs(d - f.middle);
      if (gain <= kHeuristicFactor * cost || gain <= best) continue;
      if (i < box.begin1 + kGoodSnake || i >= box.end1) continue;
      if (j < box.begin2 + kGoodSnake || j >= box.end2) continue;
      Index run = 0;
      while (run < kGoodSnake && same(i - run - 1, j - run - 1))
        ++run;
      if (run < kGoodSnake) continue;
      best = gain;
      split = {i, j, true, false};
    }
    return best > 0;
  }

  bool promising_backward(const Box& box, const Range& b, Index cost, Split& split) {
    Index best = 0;
    for (Index d = b.high; d >= b.low; d -= 2) {
      const Index i = backward_[d];
      const Index j = i - d;
      const Index gain = (box.end1 - i) + (box.end2 - j) - std::abs(d - b.middle);
      if (gain <= kHeuristicFactor * cost || gain <= best) continue;
      if (i <= box.begin1 || i > box.end1 - kGoodSnake) continue;
      if (j <= box.begin2 || j > box.end2 - kGoodSnake) continue;
      Index run = 0;
      while (run < kGoodSnake && same(i + run, j + run))
        ++run;
      if (run < kGoodSnake) continue;
      best = gain;
      split = {i, j, false, true};
    }
    return best > 0;
  }

  // Enough: split where either search has come furthest.
  Split furthest(const Box& box, const Range& f, const Range& b) {
    Index forward_sum = -1;
    Index forward_at = -1;
    for (Index d = f.high; d >= f.low; d -= 2) {
      const Index i = std::min({forward_[d], box.end1, box.end2 + d});
      if (i + i - d <= forward_sum) continue;
      forward_sum = i + i - d;
      forward_at = i;
    }
    Index backward_sum = kFar;
    Index backward_at = kFar;
    for (Index d = b.high; d >= b.low; d -= 2) {
      const Index i = std::max({backward_[d], box.begin1, box.begin2 + d});
      if (i + i - d >= backward_sum) continue;
      backward_sum = i + i - d;
      backward_at = i;
    }
    if (box.end1 + box.end2 - backward_sum < forward_sum - (box.begin1 + box.begin2))
      return {forward_at, forward_sum - forward_at, true, false};
    return {backward_at, backward_sum - backward_at, false, true};
  }

  const Landmarks& a_;
  const Landmarks& b_;
  Side& before_;
  Side& after_;
  Diagonals forward_;
  Diagonals backward_;
  const Index cost_limit_;
};

// --- Moving runs of changed lines where they can be moved ---

// A run of changed lines, possibly empty: the one that ends right before an unchanged line.
class Group {
 public:
  explicit Group(Side& side) : side_(side) { extend(); }

  bool is_empty() const { return begin_ == end_; }
  Index end() const { return end_; }
  Index size() const { return end_ - begin_; }

  bool next() {
    if (end_ == side_.size()) return false;
    begin_ = end_ = end_ + 1;
    extend();
    return true;
  }
  bool previous() {
    if (begin_ == 0) return false;
    begin_ = end_ = begin_ - 1;
    while (side_.changed(begin_ - 1))
      --begin_;
    return true;
  }
  // One line up or down, if the line that comes in equals the one that goes out. Takes in a group
  // that it touches.
  bool slide_down() {
    if (end_ == side_.size() || side_.line(begin_) != side_.line(end_)) return false;
    side_.set_changed(begin_++, false);
    side_.set_changed(end_++, true);
    extend();
    return true;
  }
  bool slide_up() {
    if (begin_ == 0 || side_.line(begin_ - 1) != side_.line(end_ - 1)) return false;
    side_.set_changed(--begin_, true);
    side_.set_changed(--end_, false);
    while (side_.changed(begin_ - 1))
      --begin_;
    return true;
  }

 private:
  void extend() {
    while (side_.changed(end_))
      ++end_;
  }

  Side& side_;
  Index begin_ = 0;
  Index end_ = 0;
};

// As far down as possible, or, if it can face a change of the other side, to the lowest place where
// it does.
void settle(Group& group, Group& other) {
  Index highest_end = 0;
  bool faces_other = false;
  for (Index size = -1; size != group.size();) {
    size = group.size();
    while (group.slide_up())
      CHECK(other.previous());
    highest_end = group.end();
    faces_other = !other.is_empty();
    while (group.slide_down()) {
      CHECK(other.next());
      faces_other |= !other.is_empty();
    }
  }
  if (group.end() == highest_end || !faces_other) return;
  while (other.is_empty()) {
    CHECK(group.slide_up());
    CHECK(other.previous());
  }
}

void settle_groups(Side& side, Side& other_side) {
  Group group(side);
  Group other(other_side);
  do {
    if (!group.is_empty()) settle(group, other);
    if (!group.next()) return;
  } while (other.next());
}

std::vector<LineChange> collect(const Side& before, const Side& after) {
  std::vector<LineChange> changes;
  Index i = 0;
  Index j = 0;
  while (i < before.size() || j < after.size()) {
    if (!before.changed(i) && !after.changed(j)) {
      ++i;
      ++j;
      continue;
    }
    LineChange change{i, 0, j, 0};
    while (before.changed(i))
      ++i;
    while (after.changed(j))
      ++j;
    change.before_count = i - change.before_begin;
    change.after_count = j - change.after_begin;
    changes.push_back(change);
  }
  return changes;
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

std::vector<LineChange> changed_lines(const std::vector<std::string_view>& before,
                                      const std::vector<std::string_view>& after) {
  Sides sides = number_lines(before, after);
  const Middle middle = find_middle(sides.before, sides.after);
  const Landmarks a =
      choose_landmarks(sides.before, middle.begin, middle.end_before, sides.count_after);
  const Landmarks b =
      choose_landmarks(sides.after, middle.begin, middle.end_after, sides.count_before);
  Search(a, b, sides.before, sides.after).run();
  settle_groups(sides.before, sides.after);
  settle_groups(sides.after, sides.before);
  return collect(sides.before, sides.after);
}

}  // namespace mikura
