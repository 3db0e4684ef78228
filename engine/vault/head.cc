// Reading HEAD: authenticate, check descent, and only then remember (threat model, "Rollback").
#include <fmt/format.h>

#include "base/check.h"
#include "vault/vault.h"

namespace mikura {
namespace {

Error went_back(const LastSeen& seen, const Head& head, const std::string& memory_file) {
  return Error(Code::rollback, fmt::format("the store offers version {} ({}), but this client has "
                                           "already seen version {} ({}), "
                                           "which is not part of that history",
                                           head.generation, head.index_sha256.hex().substr(0, 8),
                                           seen.generation, seen.index_sha256.hex().substr(0, 8)))
      .with_hint(fmt::format("Nothing was changed. If the store was put back to an older state on "
                             "purpose, remove {} and run again.",
                             memory_file));
}

}  // namespace

Result<OpenedHead> Vault::open_head(Bytes object, std::string etag) const {
  TRY_ASSIGN(const Bytes encoded, open_object(kHeadName, ObjectType::head, object, kMaxHeadBytes));
  auto head = decode_head(encoded);
  if (!head) return std::move(head).error().with_context("reading HEAD");
  if (head->repository != config_.id)
    return Error(Code::corrupt, "HEAD belongs to another repository");
  packs_.with([&](PackMap& map) { map.want(head->generation, head->catalogs); });
  return OpenedHead{*std::move(head), std::move(etag), std::move(object)};
}

Result<OpenedHead> Vault::open_cached_head(Bytes object, std::string etag) const {
  return open_head(std::move(object), std::move(etag));
}

Result<OpenedHead> Vault::read_head(const OpenedHead* cached, std::stop_token stop) {
  GetOptions options;
  options.max_size_bytes = 2 * kMaxHeadBytes;
  if (cached != nullptr) options.unless_etag = cached->etag;
  auto answer = store_.get(kHeadName, options, stop);
  if (answer.failed_with(Code::not_found)) {
    return Error(Code::corrupt, "the object HEAD is missing from " + store_.describe())
        .with_hint(
            "Something removed it, or the creation of the repository was interrupted (then run "
            "`mikura init` again).");
  }
  if (!answer) return std::move(answer).error();

  OpenedHead opened;
  if (*answer) {
    Bytes object = std::move((*answer)->data);
    auto epoch = sealed_epoch(object);
    if (!epoch) return std::move(epoch).error().with_context("opening the object HEAD");
    if (keyring_.epoch_key(*epoch) == nullptr) TRY(refresh_keys(stop));
    TRY_ASSIGN(opened, open_head(std::move(object), std::move((*answer)->etag)));
  } else {
    CHECK(cached != nullptr);
    opened = *cached;
  }
  TRY(check_descent(opened.head, stop));
  TRY(remember(opened.head));
  return opened;
}

Result<void> Vault::check_descent(const Head& head, std::stop_token stop) const {
  TRY_ASSIGN(const auto seen, memory_->load());
  if (!seen || seen->generation == 0) return {};  // trust on first use
  if (head.generation < seen->generation || head.key_epoch < seen->key_epoch)
    return went_back(*seen, head, memory_->file());
  bool found = false;
  TRY(walk_log(
      head,
      [&](const LogRecord& record) {
        if (record.generation > seen->generation) return true;
        found = record.generation == seen->generation && record.version == seen->version &&
                record.index_sha256 == seen->index_sha256;
        return false;
      },
      stop));
  if (!found) return went_back(*seen, head, memory_->file());
  return {};
}

Result<void> Vault::remember(const Head& head) const {
  return memory_->advance(
      {head.key_epoch, head.generation, head.version, head.index_sha256, head.log_hash});
}

Result<void> Vault::walk_log(const Head& head, const std::function<bool(const LogRecord&)>& each,
                             std::stop_token stop) const {
  std::uint64_t expected = head.generation;
  for (auto it = head.log_tail.rbegin(); it != head.log_tail.rend(); ++it, --expected) {
    if (!each(*it)) return {};
  }
  Sha256Digest hash_after = head.log_tail_before;
  std::optional<LogSegmentRef> next = head.log_segment;
  while (next) {
    const std::string name = log_segment_name(next->id);
    TRY_ASSIGN(const Bytes encoded,
               read_sealed(name, ObjectType::log_segment, kMaxHeadBytes, kMaxHeadBytes, stop));
    if (sha256(encoded) != next->sha256)
      return Error(Code::corrupt, "the object " + name + " is not the log that HEAD names");
    TRY_ASSIGN(const LogSegment segment, decode_log_segment(encoded));
    Sha256Digest hash = segment.hash_before;
    for (const LogRecord& record : segment.records)
      hash = next_log_hash(hash, record);
    if (hash != hash_after || segment.records.back().generation != expected) {
      return Error(Code::corrupt, "the object " + name + " breaks the chain of the version log");
    }
    for (auto it = segment.records.rbegin(); it != segment.records.rend(); ++it, --expected) {
      if (!each(*it)) return {};
    }
    hash_after = segment.hash_before;
    next = segment.previous;
  }
  return {};
}

}  // namespace mikura
