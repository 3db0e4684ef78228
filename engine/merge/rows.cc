#include "merge/rows.h"

#include <algorithm>

#include "base/check.h"

namespace mikura {
namespace {

// -1, 0, 1: `path` sorts before, among or behind what lies strictly beneath `folder`.
int order_against_content(std::string_view path, std::string_view folder) {
  if (!path.starts_with(folder)) return path < folder ? -1 : 1;
  if (path.size() == folder.size()) return -1;
  const auto next = static_cast<unsigned char>(path[folder.size()]);
  return next < '/' ? -1 : next > '/' ? 1 : 0;
}

// The first row at or behind `from` for which `is_before` is false: steps that double, then
// bisection between the last two.
template <class Predicate>
std::size_t gallop(const std::vector<Row>& rows, std::size_t from, Predicate is_before) {
  std::size_t low = from;
  std::size_t step = 1;
  while (low + step <= rows.size() && is_before(rows[low + step - 1])) {
    low += step;
    step *= 2;
  }
  const std::size_t high = std::min(low + step, rows.size());
  const auto at = [&](std::size_t i) { return rows.begin() + static_cast<std::ptrdiff_t>(i); };
  return static_cast<std::size_t>(std::partition_point(at(low), at(high), is_before) -
                                  rows.begin());
}

// One sorted tree, read from the front.
class Cursor {
 public:
  explicit Cursor(const std::vector<Entry>& entries)
      : next_(entries.data()), end_(entries.data() + entries.size()) {}

  const std::string* path() const { return next_ == end_ ? nullptr : &next_->path; }
  // The next entry if it is the one at `path`.
  const Entry* take_if(const std::string& path) {
    return next_ != end_ && next_->path == path ? next_++ : nullptr;
  }

 private:
  const Entry* next_;
  const Entry* end_;
};

const std::string* lesser(const std::string* a, const std::string* b) {
  if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
  return *b < *a ? b : a;
}

}  // namespace

std::vector<Row> join_rows(const std::vector<Entry>& base, const std::vector<Entry>& local,
                           const std::vector<Entry>& remote) {
  std::vector<Row> rows;
  rows.reserve(std::max({base.size(), local.size(), remote.size()}));
  Cursor base_side(base);
  Cursor local_side(local);
  Cursor remote_side(remote);
  const std::string* previous = nullptr;
  while (const std::string* path =
             lesser(lesser(base_side.path(), local_side.path()), remote_side.path())) {
    CHECK(previous == nullptr || *previous < *path);
    Row& row = rows.emplace_back();
    row.path = previous = path;
    row.base = base_side.take_if(*path);
    row.local = local_side.take_if(*path);
    row.remote = remote_side.take_if(*path);
  }
  return rows;
}

std::size_t row_position(const std::vector<Row>& rows, std::string_view path) {
  const auto at =
      std::lower_bound(rows.begin(), rows.end(), path,
                       [](const Row& row, std::string_view p) { return *row.path < p; });
  return static_cast<std::size_t>(at - rows.begin());
}

RowRange rows_beneath(const std::vector<Row>& rows, std::string_view folder, std::size_t from) {
  if (folder.empty()) return {0, rows.size()};
  const std::size_t begin = gallop(
      rows, from, [&](const Row& row) { return order_against_content(*row.path, folder) < 0; });
  const std::size_t end = gallop(
      rows, begin, [&](const Row& row) { return order_against_content(*row.path, folder) <= 0; });
  return {begin, end};
}

}  // namespace mikura
