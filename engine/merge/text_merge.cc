#include "merge/text_merge.h"

#include <algorithm>
#include <vector>

#include "merge/line_diff.h"

namespace mikura {
namespace {

using Index = std::int64_t;
using Lines = std::vector<std::string_view>;

// Conflicts with no more lines than this between them are shown as one.
constexpr Index kJoinedAcross = 3;
constexpr std::size_t kMarkerSize = 7;

struct Span {
  Index begin = 0;
  Index count = 0;
  Index end() const { return begin + count; }
};

// A stretch of the merged text that is not simply what all three have.
struct Region {
  enum class Kind : std::uint8_t { conflict, local, remote, same };
  Kind kind;
  Span base, local, remote;
};

const std::string_view& at(const Lines& lines, Index i) {
  return lines[static_cast<std::size_t>(i)];
}

bool same_lines(const Lines& a, Index a_begin, const Lines& b, Index b_begin, Index count) {
  for (Index i = 0; i < count; ++i) {
    if (at(a, a_begin + i) != at(b, b_begin + i)) return false;
  }
  return true;
}

class Merger {
 public:
  Merger(const MergeTexts& texts, MarkerStyle style, const MergeLabels& labels)
      : base_(split_lines(texts.base)),
        local_(split_lines(texts.local)),
        remote_(split_lines(texts.remote)),
        style_(style),
        labels_(labels),
        local_changes_(changed_lines(base_, local_)),
        remote_changes_(changed_lines(base_, remote_)) {}

  bool local_is_base() const { return local_changes_.empty(); }
  bool remote_is_base() const { return remote_changes_.empty(); }

  MergedText run() {
    find_regions();
    if (style_ == MarkerStyle::both) {
      refine_conflicts();
      join_close_conflicts();
    }
    write();
    return std::move(merged_);
  }

 private:
  // --- Where do the changes of both sides lie? ---

  void find_regions() {
    auto l = local_changes_.begin();
    auto r = remote_changes_.begin();
    // How far the sides are ahead of the base, in front of the next change.
    while (l != local_changes_.end() || r != remote_changes_.end()) {
      const bool local_first =
          r == remote_changes_.end() ||
          (l != local_changes_.end() && l->before_begin + l->before_count < r->before_begin);
      if (local_first) {
        const Index remote_begin = l->before_begin + shift(r, remote_changes_, remote_, base_);
        add(Region::Kind::local, {l->before_begin, l->before_count},
            {l->after_begin, l->after_count}, {remote_begin, l->before_count});
        ++l;
        continue;
      }
      if (l == local_changes_.end() || r->before_begin + r->before_count < l->before_begin) {
        const Index local_begin = r->before_begin + shift(l, local_changes_, local_, base_);
        add(Region::Kind::remote, {r->before_begin, r->before_count},
            {local_begin, r->before_count}, {r->after_begin, r->after_count});
        ++r;
        continue;
      }
      if (!is_same_change(*l, *r)) add_conflict(*l, *r);
      const Index local_end = l->before_begin + l->before_count;
      const Index remote_end = r->before_begin + r->before_count;
      if (local_end >= remote_end) ++r;
      if (remote_end >= local_end) ++l;
    }
  }

  // Side line minus base line right before the change `next` (or at the end).
  static Index shift(std::vector<LineChange>::const_iterator next,
                     const std::vector<LineChange>& changes, const Lines& side, const Lines& base) {
    if (next == changes.end())
      return static_cast<Index>(side.size()) - static_cast<Index>(base.size());
    return next->after_begin - next->before_begin;
  }

  bool is_same_change(const LineChange& l, const LineChange& r) const {
    return l.before_begin == r.before_begin && l.before_count == r.before_count &&
           l.after_count == r.after_count &&
           same_lines(local_, l.after_begin, remote_, r.after_begin, l.after_count);
  }

  // Both changes, each widened to the lines of the other.
  void add_conflict(const LineChange& l, const LineChange& r) {
    const Index begin = std::min(l.before_begin, r.before_begin);
    const Index end = std::max(l.before_begin + l.before_count, r.before_begin + r.before_count);
    const auto widened = [&](const LineChange& change) {
      const Index first = change.after_begin - (change.before_begin - begin);
      const Index last = change.after_begin + change.after_count +
                         (end - change.before_begin - change.before_count);
      return Span{first, last - first};
    };
    add(Region::Kind::conflict, {begin, end - begin}, widened(l), widened(r));
  }

  void add(Region::Kind kind, Span base, Span local, Span remote) {
    if (regions_.empty() || (local.begin > regions_.back().local.end() &&
                             remote.begin > regions_.back().remote.end())) {
      regions_.push_back({kind, base, local, remote});
      return;
    }
    // They touch: one region, and a conflict unless both come from the same side.
    Region& last = regions_.back();
    if (last.kind != kind) last.kind = Region::Kind::conflict;
    last.base.count = base.end() - last.base.begin;
    last.local.count = local.end() - last.local.begin;
    last.remote.count = remote.end() - last.remote.begin;
  }

  // --- Showing conflicts as small as they are ---

  static Lines cut(const Lines& lines, const Span& span) {
    const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(span.begin);
    return Lines(begin, begin + static_cast<std::ptrdiff_t>(span.count));
  }

  // A conflict becomes the conflicts in which the two sides really differ; none if they are equal.
  void refine_conflicts() {
    std::vector<Region> refined;
    for (const Region& region : regions_) {
      const bool can_be_cut = region.kind == Region::Kind::conflict && region.local.count > 0 &&
                              region.remote.count > 0;
      if (!can_be_cut) {
        refined.push_back(region);
        continue;
      }
      const auto changes = changed_lines(cut(local_, region.local), cut(remote_, region.remote));
      if (changes.empty()) {
        refined.push_back(region);
        refined.back().kind = Region::Kind::same;
      }
      for (const LineChange& change : changes) {
        refined.push_back({Region::Kind::conflict,
                           region.base,
                           {region.local.begin + change.before_begin, change.before_count},
                           {region.remote.begin + change.after_begin, change.after_count}});
      }
    }
    regions_ = std::move(refined);
  }

  // Between two conflicts a few lines, or any number of lines without a letter or digit in them,
  // are no help to a reader.
  void join_close_conflicts() {
    std::vector<Region> joined;
    for (const Region& region : regions_) {
      const bool follows = !joined.empty() && joined.back().kind == Region::Kind::conflict &&
                           region.kind == Region::Kind::conflict;
      if (follows && is_little(joined.back().local.end(), region.local.begin)) {
        Region& last = joined.back();
        last.local.count = region.local.end() - last.local.begin;
        last.remote.count = region.remote.end() - last.remote.begin;
      } else {
        joined.push_back(region);
      }
    }
    regions_ = std::move(joined);
  }

  bool is_little(Index begin, Index end) const {
    if (end - begin <= kJoinedAcross) return true;
    for (Index i = begin; i < end; ++i) {
      const auto is_alphanumeric = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      };
      if (std::ranges::any_of(at(local_, i), is_alphanumeric)) return false;
    }
    return true;
  }

  // --- Writing ---

  void write() {
    Index done = 0;  // of the local lines
    for (const Region& region : regions_) {
      switch (region.kind) {
        case Region::Kind::same:
          continue;  // written with what follows, from the local side
        case Region::Kind::local:
        case Region::Kind::remote: {
          copy(local_, {done, region.local.begin - done});
          const bool local = region.kind == Region::Kind::local;
          copy(local ? local_ : remote_, local ? region.local : region.remote);
          break;
        }
        case Region::Kind::conflict:
          copy(local_, {done, region.local.begin - done});
          write_conflict(region);
          break;
      }
      done = region.local.end();
    }
    copy(local_, {done, static_cast<Index>(local_.size()) - done});
  }

  void write_conflict(const Region& region) {
    ++merged_.conflicts;
    const bool crlf = uses_crlf(region);
    mark('<', labels_.local, crlf);
    copy_whole_lines(local_, region.local, crlf);
    if (style_ == MarkerStyle::with_base) {
      mark('|', labels_.base, crlf);
      copy_whole_lines(base_, region.base, crlf);
    }
    mark('=', {}, crlf);
    copy_whole_lines(remote_, region.remote, crlf);
    mark('>', labels_.remote, crlf);
  }

  void copy(const Lines& lines, const Span& span) {
    for (Index i = span.begin; i < span.end(); ++i)
      merged_.text += at(lines, i);
  }

  // What follows is a marker, so the last line needs an end.
  void copy_whole_lines(const Lines& lines, const Span& span, bool crlf) {
    if (span.count <= 0) return;
    copy(lines, span);
    if (!at(lines, span.end() - 1).ends_with('\n')) end_line(crlf);
  }

  void mark(char character, std::string_view label, bool crlf) {
    merged_.text.append(kMarkerSize, character);
    if (!label.empty()) {
      merged_.text += ' ';
      merged_.text += label;
    }
    end_line(crlf);
  }

  void end_line(bool crlf) { merged_.text += crlf ? "\r\n" : "\n"; }

  // --- The ends of lines that markers get: those of the lines before the conflict ---

  enum class LineEnd : std::uint8_t { unknown, lf, crlf };

  static LineEnd end_of(const Lines& lines, Index i) {
    const auto look = [](std::string_view line) {
      return line.ends_with("\r\n") ? LineEnd::crlf : LineEnd::lf;
    };
    if (lines.empty()) return LineEnd::unknown;
    if (i + 1 < static_cast<Index>(lines.size()) || at(lines, i).ends_with('\n'))
      return look(at(lines, i));
    return i == 0 ? LineEnd::unknown : look(at(lines, i - 1));
  }

  bool uses_crlf(const Region& region) const {
    const auto before = [](const Span& span) { return span.begin > 0 ? span.begin - 1 : 0; };
    LineEnd end = end_of(local_, before(region.local));
    if (end != LineEnd::lf) end = end_of(remote_, before(region.remote));
    if (end != LineEnd::lf) end = end_of(base_, 0);
    return end == LineEnd::crlf;
  }

  const Lines base_, local_, remote_;
  const MarkerStyle style_;
  const MergeLabels& labels_;
  const std::vector<LineChange> local_changes_, remote_changes_;
  std::vector<Region> regions_;
  MergedText merged_;
};

}  // namespace

MergedText merge_texts(const MergeTexts& texts, MarkerStyle style, const MergeLabels& labels) {
  Merger merger(texts, style, labels);
  if (merger.local_is_base()) return {std::string(texts.remote), 0};
  if (merger.remote_is_base()) return {std::string(texts.local), 0};
  return merger.run();
}

}  // namespace mikura
