#include "sync/upload.h"

#include <algorithm>

#include "base/guarded.h"

namespace mikura {
namespace {

// A stored but unpublished content is trusted to be there still for this long: half the floor of
// clean-up (24 h).
constexpr std::int64_t kUploadMemoryMs = 12LL * 3600 * 1000;
// How much work a kill may cost: contents are flushed and remembered this often.
constexpr std::size_t kCheckpointItems = 1024;
constexpr std::uint64_t kCheckpointBytes = 256ULL << 20;

// Collects stored contents; from time to time makes them durable and remembers them.
class Checkpoints {
 public:
  Checkpoints(const SyncContext& context, std::uint64_t gc_epoch)
      : context_(context), gc_epoch_(gc_epoch) {}

  Result<void> stored(const Sha256Digest& content, std::uint64_t bytes, std::stop_token stop) {
    std::vector<Sha256Digest> due;
    pending_.with([&](Pending& pending) {
      pending.contents.push_back(content);
      pending.bytes += bytes;
      if (pending.contents.size() < kCheckpointItems && pending.bytes < kCheckpointBytes) return;
      due.swap(pending.contents);
      pending.bytes = 0;
    });
    return write(due, stop);
  }

  Result<void> finish(std::stop_token stop) {
    std::vector<Sha256Digest> rest;
    pending_.with([&](Pending& pending) { rest.swap(pending.contents); });
    return write(rest, stop);
  }

 private:
  struct Pending {
    std::vector<Sha256Digest> contents;
    std::uint64_t bytes = 0;
  };

  Result<void> write(const std::vector<Sha256Digest>& contents, std::stop_token stop) {
    if (contents.empty()) return {};
    TRY(context_.vault->flush(stop));
    return context_.state.remember_uploads(contents, context_.clock.unix_ms(), gc_epoch_);
  }

  const SyncContext& context_;
  const std::uint64_t gc_epoch_;
  Guarded<Pending> pending_;
};

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
    TRY_ASSIGN(const auto reader, open(entry));
    Bytes data(entry.size_bytes + 1);  // one more, to notice growth
    std::size_t size = 0;
    if (reader != nullptr) {
      TRY_ASSIGN(size, fill(*reader, data));
    }
    data.resize(size);
    if (reader == nullptr || size != entry.size_bytes || sha256(data) != entry.sha256) {
      unclaim(entry.sha256);
      return false;
    }
    TRY(store(entry.sha256, data, stop));
    return true;
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

}  // namespace

Result<UploadOutcome> upload_contents(const SyncContext& context,
                                      const std::vector<const Entry*>& files,
                                      std::unordered_set<Sha256Digest> known,
                                      std::uint64_t gc_epoch, std::stop_token stop) {
  if (files.empty()) return UploadOutcome{};
  TRY_ASSIGN(const auto resumed,
             context.state.uploads(context.clock.unix_ms() - kUploadMemoryMs, gc_epoch));
  known.insert(resumed.begin(), resumed.end());

  std::uint64_t total_bytes = 0;
  for (const Entry* file : files)
    total_bytes += file->size_bytes;
  ProgressMeter meter(context.progress, Progress::Phase::uploading, files.size(), total_bytes);
  Uploader uploader(context, std::move(known), gc_epoch);
  auto all = for_each_bounded(files.size(), context.concurrency, stop,
                              [&](std::size_t i, std::stop_token inner) -> Result<void> {
                                TRY(uploader.upload(*files[i], inner));
                                meter.add(1, files[i]->size_bytes);
                                return {};
                              });
  // What was stored before an error is still worth remembering: the next run goes on from there.
  auto outcome = uploader.finish(all ? stop : std::stop_token());
  if (!all) return std::move(all).error();
  return outcome;
}

}  // namespace mikura
