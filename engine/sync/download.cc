#include "sync/download.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/hash.h"
#include "format/chunker.h"
#include "sync/chunked_download.h"
#include "sync/packed_downloads.h"

namespace mikura {
namespace {

constexpr std::size_t kCopyBufferBytes = 256 * 1024;

Result<void> fetch_whole(const SyncContext& context, const Entry& entry,
                         const std::function<Result<void>(ByteSpan)>& sink, std::stop_token stop) {
  TRY_ASSIGN(const auto lease,
             ByteBudget::Lease::take(context.memory, entry.size_bytes * kContentCopies, stop));
  TRY_ASSIGN(const Bytes data, context.vault->read_blob(entry.sha256, entry.size_bytes, stop));
  ++context.counts.downloaded_objects;
  context.counts.downloaded_bytes += data.size();
  return sink(data);
}

// True if the content was found in the tree, unchanged, and copied.
Result<bool> copy_local(const SyncContext& context, const std::string& path, const Entry& entry,
                        StagedFile& staged, std::stop_token stop) {
  auto reader = context.tree.open_file(path);
  if (!reader) return false;  // gone meanwhile: it will be fetched
  Sha256 hash;
  Bytes buffer(kCopyBufferBytes);
  std::uint64_t size = 0;
  for (;;) {
    TRY(check_stop(stop));
    const auto n = (*reader)->read(buffer);
    if (!n) return false;
    if (*n == 0) break;
    size += *n;
    if (size > entry.size_bytes) return false;
    const ByteSpan piece = std::span(buffer).first(*n);
    hash.update(piece);
    TRY(staged.write(piece));
  }
  return size == entry.size_bytes && hash.finish() == entry.sha256;
}

// Stages what the tree has already, unchanged; null if it has to be fetched.
Result<std::unique_ptr<StagedFile>> stage_copy(const SyncContext& context, const Entry& entry,
                                               const LocalContents& local, std::stop_token stop) {
  const std::string* path = local.path_of(entry.sha256);
  if (path == nullptr || entry.size_bytes == 0) return std::unique_ptr<StagedFile>();
  TRY_ASSIGN(auto staged, context.tree.stage_file());
  TRY_ASSIGN(const bool copied, copy_local(context, *path, entry, *staged, stop));
  if (!copied) return std::unique_ptr<StagedFile>();
  TRY(staged->finish());
  return staged;
}

// `local`: a file of the tree that may hold some of it; may be null.
Result<std::unique_ptr<StagedFile>> stage_fetched(const SyncContext& context, const Entry& entry,
                                                  const std::string* local, std::stop_token stop) {
  TRY_ASSIGN(auto staged, context.tree.stage_file());
  const auto write = [&](ByteSpan piece) { return staged->write(piece); };
  auto fetched = entry.form == ContentForm::chunks
                     ? fetch_chunks(context, entry, {local, true}, write, stop)
                     : fetch_whole(context, entry, write, stop);
  if (!fetched)
    return std::move(fetched).error().with_context(fmt::format("fetching {}", entry.path));
  TRY(staged->finish());
  return staged;
}

// Stages the blobs of a run from one request. What does not open that way is fetched on its own,
// which finds it elsewhere or says what is wrong.
Result<void> stage_run(const SyncContext& context, const std::vector<const Entry*>& files,
                       const PackRun& run, std::vector<std::unique_ptr<StagedFile>>& staged,
                       std::stop_token stop) {
  std::uint64_t largest = 0;
  for (const PackRun::Item& item : run.items)
    largest = std::max(largest, files[item.file]->size_bytes);
  TRY_ASSIGN(
      const auto lease,
      ByteBudget::Lease::take(context.memory, run.length_bytes + largest * kContentCopies, stop));
  TRY_ASSIGN(const auto bytes, read_run(context, run, stop));
  for (const PackRun::Item& item : run.items) {
    TRY(check_stop(stop));
    const Entry& entry = *files[item.file];
    std::optional<Bytes> data;
    if (bytes) {
      auto opened =
          context.vault->open_blob(entry.sha256, entry.size_bytes, sealed_in(*bytes, run, item));
      if (opened) data = *std::move(opened);
    }
    if (!data) {
      TRY_ASSIGN(staged[item.file], stage_fetched(context, entry, nullptr, stop));
      continue;
    }
    TRY_ASSIGN(staged[item.file], context.tree.stage_file());
    TRY(staged[item.file]->write(*data));
    TRY(staged[item.file]->finish());
    context.counts.downloaded_bytes += data->size();
  }
  ++context.counts.downloaded_objects;
  return {};
}

}  // namespace

LocalContents::LocalContents(const std::vector<Entry>& scanned) {
  for (const Entry& entry : scanned) {
    if (entry.kind != EntryKind::file) continue;
    by_content_.emplace(entry.sha256, &entry.path);
    if (entry.size_bytes >= kChunkedFromBytes) large_.insert(entry.path);
  }
}

const std::string* LocalContents::large_file_at(const std::string& path) const {
  const auto found = large_.find(path);
  return found == large_.end() ? nullptr : &*found;
}

const std::string* LocalContents::path_of(const Sha256Digest& sha256) const {
  const auto found = by_content_.find(sha256);
  return found == by_content_.end() ? nullptr : found->second;
}

Result<void> fetch_content(const SyncContext& context, const Entry& entry,
                           const std::function<Result<void>(ByteSpan)>& sink,
                           std::stop_token stop) {
  if (entry.form == ContentForm::chunks) return fetch_chunks(context, entry, {}, sink, stop);
  return fetch_whole(context, entry, sink, stop);
}

Result<std::vector<std::unique_ptr<StagedFile>>> stage_contents(
    const SyncContext& context, const std::vector<const Entry*>& files, const LocalContents& local,
    std::stop_token stop) {
  std::uint64_t total_bytes = 0;
  for (const Entry* file : files)
    total_bytes += file->size_bytes;
  std::vector<std::unique_ptr<StagedFile>> staged(files.size());
  if (files.empty()) return staged;
  ProgressMeter meter(context.progress, Progress::Phase::downloading, files.size(), total_bytes);
  // 1: what is here already.
  TRY(for_each_bounded(files.size(), context.concurrency, stop,
                       [&](std::size_t i, std::stop_token inner) -> Result<void> {
                         TRY_ASSIGN(staged[i], stage_copy(context, *files[i], local, inner));
                         if (staged[i] != nullptr) meter.add(1, files[i]->size_bytes);
                         return {};
                       }));
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (staged[i] == nullptr) missing.push_back(i);
  }
  // 2: the rest, what lies together with one request.
  if (missing.empty()) return staged;
  TRY_ASSIGN(const Download download, group_downloads(context, files, missing, stop));
  const std::size_t runs = download.runs.size();
  TRY(for_each_bounded(runs + download.alone.size(), context.concurrency, stop,
                       [&](std::size_t i, std::stop_token inner) -> Result<void> {
                         if (i < runs) {
                           TRY(stage_run(context, files, download.runs[i], staged, inner));
                           for (const PackRun::Item& item : download.runs[i].items)
                             meter.add(1, files[item.file]->size_bytes);
                           return {};
                         }
                         const std::size_t file = download.alone[i - runs];
                         const std::string* older = local.large_file_at(files[file]->path);
                         TRY_ASSIGN(staged[file],
                                    stage_fetched(context, *files[file], older, inner));
                         meter.add(1, files[file]->size_bytes);
                         return {};
                       }));
  return staged;
}

}  // namespace mikura
