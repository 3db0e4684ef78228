#include "sync/upload.h"

#include <algorithm>

#include "base/guarded.h"
#include "sync/checkpoints.h"

namespace mikura {
namespace {

// A stored but unpublished content is trusted to be there still for this long: half the floor of
// clean-up (24 h).
constexpr std::int64_t kUploadMemoryMs = 12LL * 3600 * 1000;
// A run of files that go into one pack together.
using PackGroup = std::vector<const Entry*>;

class Uploader {
 public:
  Uploader(const SyncContext& context, std::unordered_set<Sha256Digest> known,
           std::uint64_t gc_epoch)
      : context_(context), known_(std::move(known)), checkpoints_(context, gc_epoch) {}

  Result<void> upload(const Entry& entry, std::stop_token stop) {
    auto done =
        entry.form == ContentForm::chunks ? upload_chunks(entry, stop) : upload_whole(entry, stop);
    if (!done) return std::move(done).error();
    if (!*done) changed_.with([&](auto& changed) { changed.push_back(entry.path); });
    return {};
  }

  // Puts what the repository does not have of these files into one pack.
  Result<void> upload_pack(PackGroup group, std::stop_token stop) {
    shuffle(group);
    std::uint64_t plain_bytes = 0;
    for (const Entry* file : group)
      plain_bytes += file->size_bytes;
    TRY_ASSIGN(const auto lease,
               ByteBudget::Lease::take(context_.memory, plain_bytes * kContentCopies, stop));
    Bytes blobs;
    std::vector<PackEntry> entries;
    for (const Entry* file : group) {
      TRY(check_stop(stop));
      if (!claim(file->sha256)) continue;
      TRY_ASSIGN(const auto data, read_scanned(*file));
      if (!data) {
        unclaim(file->sha256);
        changed_.with([&](auto& changed) { changed.push_back(file->path); });
        continue;
      }
      const Bytes sealed = context_.vault->seal_blob(file->sha256, *data);
      entries.push_back({file->sha256, static_cast<std::uint32_t>(blobs.size()),
                         static_cast<std::uint32_t>(sealed.size())});
      append(blobs, sealed);
    }
    if (entries.empty()) return {};
    const std::uint64_t sent = blobs.size();
    TRY_ASSIGN(CatalogPack pack,
               context_.vault->write_pack(std::move(blobs), std::move(entries), stop));
    ++context_.counts.uploaded_objects;
    context_.counts.uploaded_bytes += sent;
    return checkpoints_.stored(std::move(pack), sent, stop);
  }

  Result<UploadOutcome> finish(std::stop_token stop) {
    TRY(checkpoints_.finish(stop));
    UploadOutcome outcome;
    changed_.with([&](auto& changed) { outcome.changed_meanwhile = std::move(changed); });
    std::sort(outcome.changed_meanwhile.begin(), outcome.changed_meanwhile.end());
    return outcome;
  }

 private:
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

  // nullptr if the file is not there any more.
  Result<std::unique_ptr<FileReader>> open(const Entry& entry) {
    auto reader = context_.tree.open_file(entry.path);
    if (reader.failed_with(Code::not_found)) return std::unique_ptr<FileReader>();
    return reader;
  }

  Result<void> store(const Sha256Digest& content, ByteSpan data, std::stop_token stop) {
    TRY_ASSIGN(const std::uint64_t sent, context_.vault->write_blob(content, data, stop));
    return stored(content, sent, stop);
  }

  Result<void> stored(const Sha256Digest& content, std::uint64_t sent, std::stop_token stop) {
    ++context_.counts.uploaded_objects;
    context_.counts.uploaded_bytes += sent;
    return checkpoints_.stored(content, sent, stop);
  }

  // True the first time a content is asked for that the repository does not have.
  bool claim(const Sha256Digest& content) {
    return known_.with([&](auto& known) { return known.insert(content).second; });
  }
  void unclaim(const Sha256Digest& content) {
    known_.with([&](auto& known) { known.erase(content); });
  }

  Result<bool> upload_whole(const Entry& entry, std::stop_token stop) {
    if (!claim(entry.sha256)) return true;
    TRY_ASSIGN(const auto lease,
               ByteBudget::Lease::take(context_.memory, entry.size_bytes * kContentCopies, stop));
    TRY_ASSIGN(const auto data, read_scanned(entry));
    if (!data) {
      unclaim(entry.sha256);
      return false;
    }
    TRY(store(entry.sha256, *data, stop));
    return true;
  }

  // The content as the scan saw it; nullopt if the file is another by now.
  Result<std::optional<Bytes>> read_scanned(const Entry& entry) {
    TRY_ASSIGN(const auto reader, open(entry));
    if (reader == nullptr) return std::optional<Bytes>();
    Bytes data(entry.size_bytes + 1);  // one more, to notice growth
    TRY_ASSIGN(const std::size_t size, fill(*reader, data));
    data.resize(size);
    if (size != entry.size_bytes || sha256(data) != entry.sha256) return std::optional<Bytes>();
    return std::optional<Bytes>(std::move(data));
  }

  // So that the order in a pack does not tell which file is which (Fisher and Yates).
  void shuffle(PackGroup& group) {
    std::vector<std::uint32_t> draws(group.size());
    context_.random.fill(std::as_writable_bytes(std::span(draws)));
    for (std::size_t i = group.size(); i > 1; --i)
      std::swap(group[i - 1], group[draws[i - 1] % i]);
  }

  // Chunks are stored as they are read; only when all add up to the scanned content is the list
  // stored.
  Result<bool> upload_chunks(const Entry& entry, std::stop_token stop) {
    if (!claim(entry.content)) return true;
    TRY_ASSIGN(const bool done, read_and_store_chunks(entry, stop));
    if (!done) unclaim(entry.content);
    return done;
  }

  Result<bool> read_and_store_chunks(const Entry& entry, std::stop_token stop) {
    TRY_ASSIGN(const auto reader, open(entry));
    if (reader == nullptr) return false;
    TRY_ASSIGN(const auto lease,
               ByteBudget::Lease::take(context_.memory, kMaxBlobBytes * kContentCopies, stop));
    ContentHasher hasher;
    Bytes buffer(kMaxBlobBytes);
    std::uint64_t total = 0;
    for (;;) {
      TRY(check_stop(stop));
      TRY_ASSIGN(const std::size_t size, fill(*reader, buffer));
      if (size == 0) break;
      const ByteSpan chunk = std::span(buffer).first(size);
      total += size;
      if (total > entry.size_bytes) return false;
      hasher.update(chunk);
      const Sha256Digest content = sha256(chunk);
      if (claim(content)) TRY(store(content, chunk, stop));
    }
    const ContentHasher::Outcome outcome = hasher.finish();
    if (outcome.sha256 != entry.sha256 || outcome.content != entry.content) return false;
    TRY_ASSIGN(
        const std::uint64_t sent,
        context_.vault->write_chunk_list(entry.content, encode_chunk_list(outcome.chunks), stop));
    TRY(stored(entry.content, sent, stop));
    return true;
  }

  const SyncContext& context_;
  Guarded<std::unordered_set<Sha256Digest>> known_;
  Guarded<std::vector<std::string>> changed_;
  Checkpoints checkpoints_;
};

// What goes into packs, in groups of neighbours, and what is stored alone: large files, and all if
// there are few.
struct Division {
  std::vector<PackGroup> groups;
  std::vector<const Entry*> alone;
};

Division divide(const std::vector<const Entry*>& files,
                const std::unordered_set<Sha256Digest>& known, const PackLimits& limits) {
  Division division;
  std::unordered_set<Sha256Digest> small;
  for (const Entry* file : files) {
    if (file->size_bytes <= limits.max_file_bytes && !known.contains(file->sha256))
      small.insert(file->sha256);
  }
  const bool pack = small.size() >= limits.min_files;
  std::uint64_t group_bytes = 0;
  for (const Entry* file : files) {
    if (!pack || file->size_bytes > limits.max_file_bytes) {
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

Result<UploadOutcome> upload_contents(const SyncContext& context,
                                      const std::vector<const Entry*>& files,
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
  Uploader uploader(context, std::move(known), head.gc_epoch);
  const std::size_t groups = division.groups.size();
  auto all = for_each_bounded(groups + division.alone.size(), context.concurrency, stop,
                              [&](std::size_t i, std::stop_token inner) -> Result<void> {
                                if (i < groups) {
                                  TRY(uploader.upload_pack(division.groups[i], inner));
                                  for (const Entry* file : division.groups[i])
                                    meter.add(1, file->size_bytes);
                                  return {};
                                }
                                const Entry& file = *division.alone[i - groups];
                                TRY(uploader.upload(file, inner));
                                meter.add(1, file.size_bytes);
                                return {};
                              });
  // What was stored before an error is still worth remembering: the next run goes on from there.
  auto outcome = uploader.finish(all ? stop : std::stop_token());
  if (!all) return std::move(all).error();
  return outcome;
}

}  // namespace mikura
