#include "sync/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/guarded.h"
#include "base/log.h"
#include "format/path.h"

namespace mikura {
namespace {

// A placed file whose time lies this close to now could be edited again without its stamp telling.
constexpr std::int64_t kRacyWindowNs = 2'000'000'000;
// Placing is a few system calls on one disk: more at once gain nothing.
constexpr unsigned kPlacers = 4;

class Applier {
 public:
  Applier(const SyncContext& context, const ApplyRequest& request, std::stop_token stop)
      : context_(context),
        request_(request),
        stop_(std::move(stop)),
        touched_(request.folders.begin(), request.folders.end()) {}

  Result<ApplyOutcome> run() {
    TRY(stage());
    if (request_.brings) TRY(context_.state.announce_apply({*request_.brings, {}}));
    TRY(place_conflict_copies());
    auto changed_tree = change_tree();
    // Without it nothing is known to have been done.
    TRY(context_.tree.flush());
    ApplyOutcome outcome;
    changed_.with([&](auto& changed) { outcome.changed_meanwhile = std::move(changed); });
    outcome.records = std::move(records_);
    if (!changed_tree) {
      outcome.failure = std::move(changed_tree).error();
      outcome.not_done = steps_not_done();
    }
    return outcome;
  }

 private:
  Result<void> change_tree() {
    TRY(remove_nodes());
    TRY(make_directories());
    TRY(place_nodes());
    TRY(set_metadata());
    return set_directory_times();
  }

  std::vector<std::string> steps_not_done() {
    std::vector<std::string> paths;
    done_.with([&](auto& done) {
      for (const ApplyStep& step : request_.steps) {
        if (!done.contains(&step)) paths.push_back(step.path);
      }
    });
    return paths;
  }

  void note_done(const ApplyStep& step) {
    done_.with([&](auto& done) { done.insert(&step); });
  }

  static bool places_file(const ApplyStep& step) {
    return (step.op == LocalOp::create || step.op == LocalOp::replace) &&
           step.target->kind == EntryKind::file;
  }
  static bool is_removal(const ApplyStep& step) {
    // A directory that becomes a file or symlink goes first, after what is in it.
    return step.op == LocalOp::remove ||
           (step.op == LocalOp::replace && step.expected.kind == Expectation::Kind::directory &&
            step.target->kind != EntryKind::directory);
  }

  Result<void> stage() {
    std::vector<const Entry*> files;
    for (const ApplyStep& step : request_.steps) {
      if (places_file(step)) files.push_back(step.target);
    }
    const std::size_t step_files = files.size();
    for (const ConflictCopy& copy : request_.copies) {
      for (const Entry* entry : copy.entries) {
        if (entry->kind == EntryKind::file) files.push_back(entry);
      }
    }
    TRY_ASSIGN(auto staged, stage_contents(context_, files, request_.local, stop_));
    // Contents are on disk before any name points to them.
    if (!files.empty()) TRY(context_.tree.flush());
    const auto middle = staged.begin() + static_cast<std::ptrdiff_t>(step_files);
    staged_steps_.assign(std::make_move_iterator(staged.begin()), std::make_move_iterator(middle));
    staged_copies_.assign(std::make_move_iterator(middle), std::make_move_iterator(staged.end()));
    return {};
  }

  Result<void> place_conflict_copies() {
    if (request_.copies.empty()) return {};
    std::size_t next = 0;
    std::set<const ConflictCopy*> incomplete;
    for (const ConflictCopy& copy : request_.copies) {
      for (const Entry* entry : copy.entries) {
        auto staged = entry->kind == EntryKind::file ? std::move(staged_copies_[next++]) : nullptr;
        if (incomplete.contains(&copy)) continue;
        auto placed = place_copy(copy, *entry, std::move(staged));
        if (placed) continue;
        // Somebody removed the folder that the copy should lie in: the caller looks again.
        if (!accept_change(placed.error(), copy.record.path)) return placed;
        incomplete.insert(&copy);
      }
    }
    TRY(context_.tree.flush());
    for (const ConflictCopy& copy : request_.copies) {
      if (incomplete.contains(&copy)) continue;
      ConflictRecord record = copy.record;
      record.copied = true;
      TRY(context_.state.put_conflict(record));
      touched_.insert(std::string(parent_path(record.copy_path)));
    }
    return {};
  }

  Result<void> place_copy(const ConflictCopy& copy, const Entry& entry,
                          std::unique_ptr<StagedFile> staged) {
    const std::string path = copy.record.copy_path + entry.path.substr(copy.record.path.size());
    TRY_ASSIGN(const auto there, context_.tree.inspect(path));
    if (entry.kind == EntryKind::directory)
      return context_.tree.make_directory(path, Expectation::absent());
    // Already placed by a run that was killed before it could say so.
    if (there) return {};
    if (entry.kind == EntryKind::symlink) {
      auto placed =
          context_.tree.place_symlink(path, entry.target, Expectation::absent(), entry.mtime_ns);
      if (!placed) return std::move(placed).error();
      return {};
    }
    auto placed = context_.tree.place_file(std::move(staged), path, Expectation::absent(),
                                           {entry.mode, entry.mtime_ns});
    if (!placed) return std::move(placed).error();
    return {};
  }

  Result<void> remove_nodes() {
    for (auto step = request_.steps.rbegin(); step != request_.steps.rend(); ++step) {
      if (!is_removal(*step)) continue;
      TRY(check_stop(stop_));
      auto removed = context_.tree.remove(step->path, step->expected);
      touch_parent(step->path);
      const bool still_used = removed.failed_with(Code::refused);
      // What is left in the folder is ignored or new: the folder stays for it.
      if (step->op == LocalOp::remove && (removed || still_used)) note_done(*step);
      if (removed || accept_change(removed.error(), step->path)) continue;
      if (still_used && step->op == LocalOp::remove) continue;
      if (still_used) {
        return Error(Code::refused,
                     fmt::format(
                         "{} cannot become a file: the folder holds files that are not synced",
                         step->path))
            .with_hint("Move or delete what is in that folder and run the command again.");
      }
      return removed;
    }
    return {};
  }

  Result<void> make_directories() {
    for (const ApplyStep& step : request_.steps) {
      if (step.op != LocalOp::create && step.op != LocalOp::replace) continue;
      if (step.target->kind != EntryKind::directory) continue;
      TRY(check_stop(stop_));
      auto made = context_.tree.make_directory(step.path, step.expected);
      touch_parent(step.path);
      touched_.insert(step.path);
      if (made) note_done(step);
      if (!made && !accept_change(made.error(), step.path)) return made;
    }
    return {};
  }

  Result<void> place_nodes() {
    std::vector<std::pair<const ApplyStep*, std::size_t>> nodes;
    std::size_t next = 0;
    for (const ApplyStep& step : request_.steps) {
      if (step.op != LocalOp::create && step.op != LocalOp::replace) continue;
      if (step.target->kind == EntryKind::directory) continue;
      nodes.emplace_back(&step, next);
      if (places_file(step)) ++next;
      touch_parent(step.path);
    }
    if (nodes.empty()) return {};
    ProgressMeter meter(context_.progress, Progress::Phase::applying, nodes.size(), 0);
    Guarded<std::vector<FileRecord>> records;
    auto placed =
        for_each_bounded(nodes.size(), std::min(kPlacers, context_.concurrency), stop_,
                         [&](std::size_t i, std::stop_token) -> Result<void> {
                           auto record = place(*nodes[i].first, nodes[i].second);
                           meter.add(1, 0);
                           if (!record) return std::move(record).error();
                           if (*record)
                             records.with([&](auto& all) { all.push_back(**std::move(record)); });
                           return {};
                         });
    records.with([&](auto& all) { records_ = std::move(all); });
    std::sort(records_.begin(), records_.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return placed;
  }

  // A record if a file was placed; nullopt for symlinks and for what had changed meanwhile.
  Result<std::optional<FileRecord>> place(const ApplyStep& step, std::size_t staged_index) {
    const Entry& target = *step.target;
    // A directory in the way was removed before.
    const Expectation expected = is_removal(step) ? Expectation::absent() : step.expected;
    auto stamp =
        target.kind == EntryKind::symlink
            ? context_.tree.place_symlink(step.path, target.target, expected, target.mtime_ns)
            : context_.tree.place_file(std::move(staged_steps_[staged_index]), step.path, expected,
                                       {target.mode, target.mtime_ns});
    if (!stamp) {
      if (accept_change(stamp.error(), step.path)) return std::optional<FileRecord>();
      return std::move(stamp).error();
    }
    note_done(step);
    if (target.kind == EntryKind::symlink) return std::optional<FileRecord>();
    return std::optional<FileRecord>(record_of(step.path, target, *stamp));
  }

  FileRecord record_of(const std::string& path, const Entry& entry, const FileStamp& stamp) const {
    FileRecord record{path, stamp, entry.sha256, entry.form, entry.content, false};
    record.racy = stamp.mtime_ns >= context_.clock.unix_ns() - kRacyWindowNs;
    return record;
  }

  Result<void> set_metadata() {
    for (const ApplyStep& step : request_.steps) {
      if (step.op != LocalOp::set_metadata) continue;
      TRY(check_stop(stop_));
      auto stamp = context_.tree.set_metadata(step.path, step.expected,
                                              {step.target->mode, step.target->mtime_ns});
      if (!stamp) {
        if (accept_change(stamp.error(), step.path)) continue;
        return std::move(stamp).error();
      }
      note_done(step);
      if (step.target->kind == EntryKind::file)
        records_.push_back(record_of(step.path, *step.target, *stamp));
    }
    std::sort(records_.begin(), records_.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return {};
  }

  // Deepest first: setting a child's mode or time does not disturb its parent's time, creating it
  // did.
  Result<void> set_directory_times() {
    for (auto path = touched_.rbegin(); path != touched_.rend(); ++path) {
      if (path->empty()) continue;
      const Entry* entry = find_entry(request_.after, *path);
      if (entry == nullptr || entry->kind != EntryKind::directory) continue;
      auto set = context_.tree.set_metadata(*path, Expectation::directory(),
                                            {entry->mode, entry->mtime_ns});
      // Times of folders are a courtesy: a folder removed or replaced meanwhile is no reason to
      // fail.
      if (!set) log_debug(set.error().message());
    }
    if (touched_.contains("") && request_.root_mtime_ns != 0) {
      auto set =
          context_.tree.set_metadata("", Expectation::directory(), {0755, request_.root_mtime_ns});
      if (!set) log_debug(set.error().message());
    }
    return {};
  }

  void touch_parent(const std::string& path) { touched_.insert(std::string(parent_path(path))); }

  // True if what is at `path` was changed by somebody since the plan: it is left alone, and the
  // caller plans again.
  bool accept_change(const Error& error, const std::string& path) {
    if (error.code() != Code::conflict && error.code() != Code::already_exists &&
        error.code() != Code::not_found)
      return false;
    changed_.with([&](auto& changed) { changed.push_back(path); });
    return true;
  }

  const SyncContext& context_;
  const ApplyRequest& request_;
  const std::stop_token stop_;
  std::vector<std::unique_ptr<StagedFile>> staged_steps_;
  std::vector<std::unique_ptr<StagedFile>> staged_copies_;
  std::vector<FileRecord> records_;
  std::set<std::string> touched_;
  Guarded<std::vector<std::string>> changed_;
  Guarded<std::set<const ApplyStep*>> done_;
};

}  // namespace

Expectation expectation_of(const ScannedTree& local, const Entry* entry) {
  if (entry == nullptr) return Expectation::absent();
  if (entry->kind == EntryKind::directory) return Expectation::directory();
  return Expectation::node(local.stamps[static_cast<std::size_t>(entry - local.entries.data())]);
}

Result<ApplyOutcome> apply_steps(const SyncContext& context, const ApplyRequest& request,
                                 std::stop_token stop) {
  return Applier(context, request, std::move(stop)).run();
}

}  // namespace mikura
