#include "sync/sync.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "crypto/hash.h"
#include "format/chunker.h"
#include "format/path.h"
#include "sync/actions.h"
#include "sync/apply.h"
#include "sync/auto_merge.h"
#include "sync/base.h"
#include "sync/conflict_copies.h"
#include "sync/guard.h"
#include "sync/pending_catalogs.h"
#include "sync/snapshot.h"
#include "sync/stored_contents.h"
#include "sync/upload.h"

namespace mikura {
namespace {

// Enough for many busy writers; each lost race means that somebody else got through.
constexpr unsigned kMaxAttempts = 256;
// Who has lost this many races publishes before it brings what others published: the less lies
// between reading HEAD and replacing it, the sooner it wins.
constexpr unsigned kHurryAfter = 3;
constexpr unsigned kGoesFirstAfter = 10;
// A file that changed this often while we looked is left alone this time.
constexpr unsigned kUnstableAfter = 2;

class Syncer {
 public:
  Syncer(const SyncContext& context, const SyncRequest& request, const WorkspaceLink& link,
         const Author& author, std::stop_token stop)
      : context_(context),
        request_(request),
        link_(link),
        author_(author),
        held_(request.hold.begin(), request.hold.end()),
        stop_(std::move(stop)),
        version_ids_(context.clock, context.random),
        copies_(context) {}

  Result<SyncReport> run() {
    report_.dry_run = request_.dry_run;
    for (unsigned attempt = 0;; ++attempt) {
      if (attempt == kMaxAttempts) return gave_up();
      TRY(check_stop(stop_));
      TRY_ASSIGN(const bool done, once());
      if (done) break;
      TRY(back_off());
    }
    return finish();
  }

 private:
  // One look and one try. False: the world moved under us, look again.
  Result<bool> once() {
    const SnapshotOptions options{true, request_.dry_run, link_.use_gitignore, unstable_};
    TRY_ASSIGN(Snapshot snapshot, take_snapshot(context_, options, stop_));
    Plan plan = make_plan(snapshot.plan_input(request_.policy.value_or(policy_of(link_)), held_));
    report_.problems = snapshot.local.problems;
    report_.held = plan.held;
    set_version(snapshot.head->head);
    if (request_.dry_run) {
      preview(plan);
      return show_merges(snapshot, plan);
    }
    TRY(guard(plan, snapshot));
    TRY_ASSIGN(const bool merged, merge_texts(snapshot, plan));
    if (merged) return false;
    if (is_in_a_hurry() && plan.changes_remote()) {
      TRY_ASSIGN(const bool published, push(snapshot, plan));
      if (published) lost_races_ = 0;
      return false;  // what others published is brought by the next look
    }
    if (request_.mode != SyncMode::push) {
      TRY_ASSIGN(const bool applied, pull(snapshot, plan));
      if (!applied) return false;
    } else {
      note_what_a_pull_would_bring(plan, snapshot);
    }
    if (request_.mode == SyncMode::pull || !plan.changes_remote()) return true;
    return push(snapshot, plan);
  }

  bool is_in_a_hurry() const {
    return request_.mode == SyncMode::sync && lost_races_ >= kHurryAfter;
  }

  void set_version(const Head& head) {
    report_.generation = head.generation;
    if (head.generation != 0) report_.version = head.version;
  }

  // True if something was merged: then the world is another one.
  Result<bool> merge_texts(const Snapshot& snapshot, const Plan& plan) {
    if (request_.mode == SyncMode::push) return false;
    TRY_ASSIGN(const auto merged, AutoMerge(context_).run(snapshot, plan, true, stop_));
    for (const std::string& path : merged)
      append({merge_action(plan, path)});
    return !merged.empty();
  }

  // In a dry run.
  Result<bool> show_merges(const Snapshot& snapshot, const Plan& plan) {
    if (request_.mode == SyncMode::push) return true;
    TRY_ASSIGN(const auto merged, AutoMerge(context_).run(snapshot, plan, false, stop_));
    for (SyncAction& action : report_.actions) {
      const bool is_clean =
          action.kind == SyncAction::Kind::conflict && std::ranges::count(merged, action.path) > 0;
      if (is_clean) action.kind = SyncAction::Kind::merge;
    }
    return true;
  }

  void preview(const Plan& plan) {
    if (request_.mode != SyncMode::push) append(local_actions(plan));
    if (request_.mode != SyncMode::pull) append(remote_actions(plan));
  }

  void append(std::vector<SyncAction> actions) {
    for (SyncAction& action : actions)
      report_.actions.push_back(std::move(action));
  }

  Result<void> guard(const Plan& plan, const Snapshot& snapshot) {
    if (request_.allow_mass_change) return {};
    constexpr std::string_view kOption = "--allow-mass-change";
    if (request_.mode != SyncMode::push) {
      TRY(refuse_mass_change(local_losses(plan), snapshot.local.entries, GuardedSide::folder,
                             kOption));
    }
    if (request_.mode == SyncMode::pull) return {};
    return refuse_mass_change(remote_losses(plan), snapshot.remote.entries, GuardedSide::repository,
                              kOption);
  }

  void note_what_a_pull_would_bring(const Plan& plan, const Snapshot& snapshot) {
    report_.remote_has_more = plan.changes_local();
    report_.conflicts.clear();
    for (const PlanItem& item : plan.items) {
      if (!item.conflict) continue;
      ConflictInfo info{item.path, "", context_.clock.unix_ms(), snapshot.head->head.version,
                        item.remote->kind};
      info.base_version =
          origin_of(item.path, snapshot.base, snapshot.base_version, snapshot.base_exceptions);
      info.remote_device = snapshot.remote.device_name;
      info.remote_created_ms = snapshot.remote.created_unix_ms;
      report_.conflicts.push_back(std::move(info));
    }
  }

  // Makes the tree what the plan says and advances the base. False if something changed under us.
  Result<bool> pull(const Snapshot& snapshot, const Plan& plan) {
    std::vector<FileRecord> records;
    std::vector<KeptBase> kept = plan.keeps_base;
    bool complete = true;
    std::vector<std::string> folders = folders_to_time(snapshot, plan);
    const bool applies = plan.changes_local() || !folders.empty();
    // What the base says is there must survive a power cut as surely as the base. (An apply ends
    // with it.)
    if (!applies && base_moves(snapshot, kept)) TRY(context_.tree.flush());
    if (applies) {
      TRY_ASSIGN(ApplyOutcome outcome, apply(snapshot, plan, std::move(folders)));
      records = std::move(outcome.records);
      if (outcome.failure) {
        // What was done is not to be taken for an edit later, whatever is done to it.
        keep_bases(outcome.changed_meanwhile, plan, kept);
        keep_bases(outcome.not_done, plan, kept);
        // Of the step that failed it is not known: the next look tells.
        TRY(advance_base(snapshot, kept, records, ApplyEnd::unsure));
        return *std::move(outcome.failure);
      }
      complete = outcome.changed_meanwhile.empty();
      if (complete) {
        append(local_actions(plan));
        name_conflict_copies();
      } else {
        log_info(fmt::format("{} files changed during the run; looking again",
                             outcome.changed_meanwhile.size()));
        keep_bases(outcome.changed_meanwhile, plan, kept);
      }
    }
    TRY(advance_base(snapshot, kept, records));
    if (complete) TRY(forget_announced(snapshot, plan));
    return complete;
  }

  // A conflict that an earlier look announced, whose copy was never made, and that is none any
  // more: its folder went, or both sides are equal by now.
  Result<void> forget_announced(const Snapshot& snapshot, const Plan& plan) {
    for (const ConflictRecord& record : snapshot.announced) {
      const bool is_one = std::ranges::any_of(plan.items, [&](const PlanItem& item) {
        return item.conflict && item.path == record.path;
      });
      if (is_one) continue;
      TRY_ASSIGN(const auto copy, context_.tree.inspect(record.copy_path));
      if (!copy) TRY(context_.state.remove_conflict(record.path));
    }
    return {};
  }

  // What was not applied keeps its base, and so does all beneath it: a conflict covers that, too.
  static void keep_bases(const std::vector<std::string>& paths, const Plan& plan,
                         std::vector<KeptBase>& kept) {
    for (const KeptBase& left : plan.unapplied) {
      const bool is_left = std::ranges::any_of(
          paths, [&](const std::string& path) { return is_within(left.path, path); });
      if (is_left) kept.push_back(left);
    }
  }

  static bool base_moves(const Snapshot& snapshot, const std::vector<KeptBase>& kept) {
    return snapshot.head->head.generation != 0 &&
           (!snapshot.remote_is_base() ||
            exceptions_with(snapshot, kept) != snapshot.base_exceptions);
  }

  Result<void> advance_base(const Snapshot& snapshot, const std::vector<KeptBase>& kept,
                            const std::vector<FileRecord>& records, ApplyEnd end = ApplyEnd::over) {
    if (!base_moves(snapshot, kept)) {
      if (end == ApplyEnd::unsure)
        TRY(context_.state.announce_apply({version_of(snapshot.head->head), {}}));
      return context_.state.remember_files(records);
    }
    const Head& head = snapshot.head->head;
    return context_.state.commit_base({version_of(head), exceptions_with(snapshot, kept)}, records,
                                      end);
  }

  static BaseVersion version_of(const Head& head) {
    return {head.version, head.index_sha256, head.generation};
  }

  static std::vector<BaseException> exceptions_with(const Snapshot& snapshot,
                                                    const std::vector<KeptBase>& kept) {
    return kept_exceptions(kept, snapshot.base, snapshot.base_version, snapshot.base_exceptions);
  }

  // Folders that are as the base had them, but with another time in the result: no plan item, as
  // a folder's time alone is no change, but the trees shall be the same to the last bit.
  static std::vector<std::string> folders_to_time(const Snapshot& snapshot, const Plan& plan) {
    std::vector<std::string> folders;
    if (!snapshot.base_version) return folders;
    if (snapshot.remote_is_base() && snapshot.base_exceptions.empty()) return folders;
    if (snapshot.local.root_mtime_ns == snapshot.base.root_mtime_ns &&
        snapshot.remote.root_mtime_ns != snapshot.base.root_mtime_ns) {
      folders.emplace_back();
    }
    for (const Entry& entry : plan.result) {
      if (entry.kind != EntryKind::directory) continue;
      const Entry* local = find_entry(snapshot.local.entries, entry.path);
      if (local == nullptr || local->kind != EntryKind::directory) continue;
      if (local->mtime_ns != entry.mtime_ns) folders.push_back(entry.path);
    }
    return folders;
  }

  Result<ApplyOutcome> apply(const Snapshot& snapshot, const Plan& plan,
                             std::vector<std::string> folders) {
    const LocalContents local(snapshot.local.entries);
    const Head& head = snapshot.head->head;
    ApplyRequest request{{}, {}, plan.result, root_mtime(snapshot), std::move(folders), local};
    if (head.generation != 0) request.brings = version_of(head);
    for (const PlanItem& item : plan.items) {
      if (item.local_op != LocalOp::none) {
        request.steps.push_back(
            {item.local_op, item.path, item.remote, expectation_of(snapshot.local, item.local)});
      }
      if (item.conflict) {
        TRY_ASSIGN(auto copy, copies_.announce(snapshot, item));
        if (copy) request.copies.push_back(*std::move(copy));
      }
    }
    return apply_steps(context_, request, stop_);
  }

  void name_conflict_copies() {
    auto records = context_.state.conflicts();
    if (!records) return;
    for (SyncAction& action : report_.actions) {
      if (action.kind != SyncAction::Kind::conflict || !action.conflict_copy.empty()) continue;
      for (const ConflictRecord& record : *records) {
        if (record.path == action.path) action.conflict_copy = record.copy_path;
      }
    }
  }

  // Uploads what is new and publishes plan.result as the next version. False if the race was lost
  // or a file changed.
  Result<bool> push(const Snapshot& snapshot, Plan& plan) {
    std::vector<Entry*> files = contents_to_store(plan.result, plan.items, snapshot.remote.entries);
    // An entry says how a large file is stored, which is known only when it is: then the entries
    // have to wait for the contents.
    if (std::ranges::any_of(files, is_stored_in_chunks)) {
      TRY_ASSIGN(const UploadOutcome uploaded, upload(snapshot, files, {}));
      if (note_unstable(uploaded)) return false;
      files.clear();
    }
    TRY_ASSIGN(const DividedEntries divided,
               divide_entries(context_, plan.result, snapshot.remote_segments));
    TRY_ASSIGN(const UploadOutcome uploaded, upload(snapshot, files, divided));
    if (note_unstable(uploaded)) return false;
    // What is published must not be undone here by a power cut: the next run would take the loss of
    // a file for its deletion, and publish that.
    TRY(context_.tree.flush());
    return publish(snapshot, plan, divided.segments);
  }

  static bool is_stored_in_chunks(const Entry* file) {
    return file->size_bytes >= kChunkedFromBytes;
  }

  // True if files changed during the upload.
  bool note_unstable(const UploadOutcome& uploaded) {
    for (const std::string& path : uploaded.changed_meanwhile) {
      if (++changes_seen_[path] >= kUnstableAfter) unstable_.insert(path);
    }
    return !uploaded.changed_meanwhile.empty();
  }

  // Contents and segments at the same time: neither needs the other.
  Result<UploadOutcome> upload(const Snapshot& snapshot, const std::vector<Entry*>& files,
                               const DividedEntries& divided) {
    const Head& head = snapshot.head->head;
    UploadOutcome outcome;
    TRY(for_each_bounded(2, std::min(context_.concurrency, 2U), stop_,
                         [&](std::size_t i, std::stop_token inner) -> Result<void> {
                           if (i == 0) return upload_segments(context_, divided.fresh, head, inner);
                           TRY_ASSIGN(outcome,
                                      upload_contents(context_, files, snapshot.remote.entries,
                                                      contents_of(snapshot.remote), head, inner));
                           return {};
                         }));
    return outcome;
  }

  static std::unordered_set<Sha256Digest> contents_of(const Index& index) {
    std::unordered_set<Sha256Digest> contents;
    contents.reserve(index.entries.size());
    for (const Entry& entry : index.entries) {
      if (entry.kind == EntryKind::file) contents.insert(entry.content);
    }
    return contents;
  }

  Result<bool> publish(const Snapshot& snapshot, Plan& plan,
                       const std::vector<SegmentRef>& segments) {
    const Head& head = snapshot.head->head;
    std::vector<SyncAction> actions = remote_actions(plan);
    // A push leaves the remote's changes for a later pull: there the base stays as it is.
    std::vector<KeptBase> kept = std::move(plan.keeps_base);
    Entry root;
    root.kind = EntryKind::directory;
    root.mtime_ns = snapshot.base.root_mtime_ns;
    if (request_.mode == SyncMode::push || is_in_a_hurry()) {
      kept.insert(kept.end(), plan.unapplied.begin(), plan.unapplied.end());
      if (snapshot.base_version && root_mtime(snapshot) != snapshot.local.root_mtime_ns)
        kept.push_back({"", &root});
    }
    const Index index = next_index(snapshot, std::move(plan.result));
    TRY(check_index_limits(index));
    const Bytes encoded =
        segments.empty() ? encode_index(index) : encode_index_root(index, segments);
    const BaseRecord next{{index.version, sha256(encoded), index.generation},
                          exceptions_with(snapshot, kept)};
    // Announced before it is tried: whoever is cut off in between must find out that it was him.
    TRY(context_.state.cache_index(index.version, encoded));
    TRY(context_.state.announce_publish(next));

    if (context_.progress) context_.progress({Progress::Phase::publishing, 0, 1, 0, 0});
    ++report_.publish_attempts;
    TRY_ASSIGN(const auto catalogs, pending_catalogs(context_.state, head.gc_epoch));
    auto published = context_.vault->publish(*snapshot.head, index, encoded, catalogs, stop_);
    if (published.failed_with(Code::conflict)) {
      log_info("somebody else published meanwhile; merging with it");
      ++lost_races_;
      return false;
    }
    if (!published) return std::move(published).error();
    TRY(context_.state.cache_object(kHeadName, {published->object, published->etag}));
    TRY(context_.state.commit_base(next, {}));
    TRY(context_.state.forget_uploads());
    TRY(forget_pending_catalogs(context_.state));
    log_info(fmt::format("published version {} after {}", index.generation, head.generation));
    append(std::move(actions));
    set_version(published->head);
    report_.published = index.version;
    return true;
  }

  Index next_index(const Snapshot& snapshot, std::vector<Entry> entries) {
    const Head& head = snapshot.head->head;
    Index index;
    index.repository = head.repository;
    index.version = version_ids_.next(head.version);
    index.generation = head.generation + 1;
    if (head.generation != 0) index.parents.push_back({head.version, head.index_sha256});
    index.created_unix_ms = context_.clock.unix_ms();
    index.device = author_.device;
    index.device_name = author_.device_name;
    index.author = author_.author;
    index.program = author_.program;
    index.message = request_.message;
    index.root_mode = snapshot.local.root_mode;
    index.root_mtime_ns = root_mtime(snapshot);
    index.entries = std::move(entries);
    return index;
  }

  // Like any directory's: ours if we changed it, else the repository's.
  static std::int64_t root_mtime(const Snapshot& snapshot) {
    const bool ours = snapshot.base_version
                          ? snapshot.local.root_mtime_ns != snapshot.base.root_mtime_ns
                          : !snapshot.local.entries.empty();
    if (ours || snapshot.head->head.generation == 0) return snapshot.local.root_mtime_ns;
    return snapshot.remote.root_mtime_ns;
  }

  // Spreads competing writers at random, the more the more races were lost: that keeps the store
  // from being busy with attempts that fail. Whoever has lost very many does not wait any longer,
  // or those who have just published would win for ever.
  Result<void> back_off() {
    const bool goes_first = lost_races_ >= kGoesFirstAfter;
    const std::uint64_t ceiling_us = goes_first ? 20'000 : 10'000ULL << std::min(lost_races_, 7U);
    std::uint64_t draw = 0;
    context_.random.fill(std::as_writable_bytes(std::span(&draw, 1)));
    if (!context_.clock.sleep_for(std::chrono::microseconds(draw % ceiling_us), stop_))
      return check_stop(stop_);
    return {};
  }

  Result<SyncReport> gave_up() const {
    return Error(Code::transient, "the repository or the folder kept changing during the run")
        .with_hint("Nothing is lost. Run the command again in a moment.");
  }

  Result<SyncReport> finish() {
    if (request_.mode != SyncMode::push || report_.conflicts.empty()) {
      TRY_ASSIGN(const auto records, context_.state.conflicts());
      report_.conflicts.clear();
      for (const ConflictRecord& record : records)
        report_.conflicts.push_back(to_info(record));
    }
    report_.backup_folder = context_.tree.backup_folder();
    report_.uploaded_objects = context_.counts.uploaded_objects;
    report_.uploaded_bytes = context_.counts.uploaded_bytes;
    report_.downloaded_objects = context_.counts.downloaded_objects;
    report_.downloaded_bytes = context_.counts.downloaded_bytes;
    return std::move(report_);
  }

  const SyncContext& context_;
  const SyncRequest& request_;
  const WorkspaceLink& link_;
  const Author& author_;
  const std::set<std::string> held_;
  const std::stop_token stop_;
  VersionIdGenerator version_ids_;
  SyncReport report_;
  ConflictCopies copies_;
  std::set<std::string> unstable_;
  unsigned lost_races_ = 0;
  std::map<std::string, unsigned> changes_seen_;
};

}  // namespace

Policy policy_of(const WorkspaceLink& link) {
  return policy_named(link.policy).value_or(Policy::keep_both);
}

Result<SyncReport> run_sync(const SyncContext& context, const SyncRequest& request,
                            const WorkspaceLink& link, const Author& author, std::stop_token stop) {
  return Syncer(context, request, link, author, std::move(stop)).run();
}

Result<Preview> preview_sync(const SyncContext& context, const WorkspaceLink& link,
                             std::stop_token stop) {
  const std::set<std::string> none;
  const SnapshotOptions options{context.vault != nullptr, true, link.use_gitignore, none};
  TRY_ASSIGN(Snapshot snapshot, take_snapshot(context, options, stop));
  const Plan plan = make_plan(snapshot.plan_input(policy_of(link)));
  Preview preview;
  preview.local = remote_actions(plan);
  preview.incoming = local_actions(plan);
  for (const ConflictRecord& record : snapshot.conflicts)
    preview.conflicts.push_back(to_info(record));
  preview.problems = std::move(snapshot.local.problems);
  preview.scanned = snapshot.local.counts;
  preview.folders.emplace_back();
  for (const Entry& entry : snapshot.local.entries) {
    if (entry.kind == EntryKind::directory) preview.folders.push_back(entry.path);
  }
  preview.base = snapshot.base_version;
  preview.head = std::move(snapshot.head);
  return preview;
}

}  // namespace mikura
