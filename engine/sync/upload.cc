#include "sync/upload.h"

#include <algorithm>

#include "base/guarded.h"
#include "crypto/hash.h"
#include "sync/blob_sender.h"
#include "sync/checkpoints.h"
#include "sync/chunked_upload.h"
#include "sync/claims.h"

namespace mikura {
namespace {

// A run of files that go into one pack together.
using PackGroup = std::vector<Entry*>;

class Uploader {
 public:
  Uploader(const SyncContext& context, std::unordered_set<Sha256Digest> known, const Head& head,
           const std::vector<Entry>& before)
      : context_(context),
        before_(before),
        claims_(std::move(known)),
        checkpoints_(context, head.gc_epoch),
        sender_(context, checkpoints_, context.vault->takes_packs(head)),
        chunked_(context, claims_, sender_, checkpoints_) {}

  Result<void> upload(Entry& entry, std::stop_token stop) {
    auto done = entry.size_bytes >= kChunkedFromBytes
                    ? chunked_.run(entry, edited_from(entry), stop)
                    : upload_whole(entry, stop);
    if (!done) return std::move(done).error();
    if (!*done) note_change(entry);
    return {};
  }

  // Puts what the repository does not have of these files into one pack.
  Result<void> upload_pack(PackGroup group, std::stop_token stop) {
    shuffle(group, context_.random);
    std::uint64_t plain_bytes = 0;
    for (const Entry* file : group)
      plain_bytes += file->size_bytes;
    TRY_ASSIGN(const auto lease,
               ByteBudget::Lease::take(context_.memory, plain_bytes * kContentCopies, stop));
    std::vector<SealedBlob> blobs;
    for (const Entry* file : group) {
      TRY(check_stop(stop));
      if (!claims_.claim(file->sha256)) continue;
      TRY_ASSIGN(const auto data, read_scanned(*file));
      if (data) {
        blobs.push_back({file->sha256, context_.vault->seal_blob(file->sha256, *data)});
      } else {
        claims_.unclaim(file->sha256);
        note_change(*file);
      }
    }
    return sender_.send_pack(std::move(blobs), stop);
  }

  // What still waits to be stored.
  Result<void> send_rest(std::stop_token stop) { return sender_.finish(std::move(stop)); }

  Result<UploadOutcome> finish(std::stop_token stop) {
    TRY(checkpoints_.finish(stop));
    UploadOutcome outcome;
    changed_.with([&](auto& changed) { outcome.changed_meanwhile = std::move(changed); });
    std::sort(outcome.changed_meanwhile.begin(), outcome.changed_meanwhile.end());
    return outcome;
  }

 private:
  void note_change(const Entry& entry) {
    changed_.with([&](auto& changed) { changed.push_back(entry.path); });
  }

  // What the version under us has in this place, if it is a file in chunks.
  const Entry* edited_from(const Entry& entry) const {
    const auto found = std::ranges::lower_bound(before_, entry.path, {}, &Entry::path);
    const bool is_there =
        found != before_.end() && found->path == entry.path && found->form == ContentForm::chunks;
    return is_there ? &*found : nullptr;
  }

  // Reads up to out.size() bytes; fewer only at the end of the file.
  static Result<std::size_t> fill(FileReader& reader, MutableByteSpan out) {
    std::size_t done = 0;
    while (done < out.size()) {
      TRY_ASSIGN(const std::size_t n, reader.read(out.subspan(done)));
      if (n == 0) break;
      done += n;
    }
    return done;
  }

  Result<bool> upload_whole(const Entry& entry, std::stop_token stop) {
    if (!claims_.claim(entry.sha256)) return true;
    TRY_ASSIGN(const auto lease,
               ByteBudget::Lease::take(context_.memory, entry.size_bytes * kContentCopies, stop));
    TRY_ASSIGN(const auto data, read_scanned(entry));
    if (!data) {
      claims_.unclaim(entry.sha256);
      return false;
    }
    TRY_ASSIGN(const std::uint64_t sent, context_.vault->write_blob(entry.sha256, *data, stop));
    ++context_.counts.uploaded_objects;
    context_.counts.uploaded_bytes += sent;
    TRY(checkpoints_.stored(entry.sha256, sent, stop));
    return true;
  }

  // The content as the scan saw it; nullopt if the file is another by now.
  Result<std::optional<Bytes>> read_scanned(const Entry& entry) {
    const auto reader = context_.tree.open_file(entry.path);
    if (reader.failed_with(Code::not_found)) return std::optional<Bytes>();
    if (!reader) return reader.error();
    Bytes data(entry.size_bytes + 1);  // one more, to notice growth
    TRY_ASSIGN(const std::size_t size, fill(**reader, data));
    data.resize(size);
    if (size != entry.size_bytes || sha256(data) != entry.sha256) return std::optional<Bytes>();
    return std::optional<Bytes>(std::move(data));
  }

  const SyncContext& context_;
  const std::vector<Entry>& before_;
  Claims claims_;
  Guarded<std::vector<std::string>> changed_;
  Checkpoints checkpoints_;
  BlobSender sender_;
  ChunkedUpload chunked_;
};

// What goes into packs, in groups of neighbours, and what is stored alone: large files, and all if
// there are few.
struct Division {
  std::vector<PackGroup> groups;
  std::vector<Entry*> alone;
};

Division divide(const std::vector<Entry*>& files, const std::unordered_set<Sha256Digest>& known,
                const PackLimits& limits) {
  Division division;
  std::unordered_set<Sha256Digest> small;
  const auto is_small = [&](const Entry& file) {
    return file.size_bytes < kChunkedFromBytes && file.size_bytes <= limits.max_file_bytes;
  };
  for (const Entry* file : files) {
    if (is_small(*file) && !known.contains(file->sha256)) small.insert(file->sha256);
  }
  const bool pack = small.size() >= limits.min_files;
  std::uint64_t group_bytes = 0;
  for (Entry* file : files) {
    if (!pack || !is_small(*file)) {
      division.alone.push_back(file);
      continue;
    }
    if (known.contains(file->sha256)) continue;
    if (division.groups.empty() || division.groups.back().size() == limits.max_group_files ||
        group_bytes + file->size_bytes > limits.max_group_bytes) {
      division.groups.emplace_back();
      group_bytes = 0;
    }
    division.groups.back().push_back(file);
    group_bytes += file->size_bytes;
  }
  return division;
}

}  // namespace

Result<UploadOutcome> upload_contents(const SyncContext& context, const std::vector<Entry*>& files,
                                      const std::vector<Entry>& before,
                                      std::unordered_set<Sha256Digest> known, const Head& head,
                                      std::stop_token stop) {
  if (files.empty()) return UploadOutcome{};
  TRY_ASSIGN(const auto resumed,
             context.state.uploads(context.clock.unix_ms() - kUploadMemoryMs, head.gc_epoch));
  known.insert(resumed.begin(), resumed.end());

  std::uint64_t total_bytes = 0;
  for (const Entry* file : files)
    total_bytes += file->size_bytes;
  ProgressMeter meter(context.progress, Progress::Phase::uploading, files.size(), total_bytes);
  PackLimits limits = context.packs;
  if (!context.vault->takes_packs(head)) limits.min_files = SIZE_MAX;
  Division division = divide(files, known, limits);
  Uploader uploader(context, std::move(known), head, before);
  const std::size_t groups = division.groups.size();
  auto all = for_each_bounded(groups + division.alone.size(), context.concurrency, stop,
                              [&](std::size_t i, std::stop_token inner) -> Result<void> {
                                if (i < groups) {
                                  TRY(uploader.upload_pack(division.groups[i], inner));
                                  for (const Entry* file : division.groups[i])
                                    meter.add(1, file->size_bytes);
                                  return {};
                                }
                                Entry& file = *division.alone[i - groups];
                                TRY(uploader.upload(file, inner));
                                meter.add(1, file.size_bytes);
                                return {};
                              });
  if (all) all = uploader.send_rest(stop);
  // What was stored before an error is still worth remembering: the next run goes on from there.
  auto outcome = uploader.finish(all ? stop : std::stop_token());
  if (!all) return std::move(all).error();
  return outcome;
}

}  // namespace mikura
