// Publishing a version: contents are there already; index, then HEAD by compare-and-swap (design
// §2, M1.3).
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "vault/vault.h"

namespace mikura {
namespace {

// Our version is part of the history that `head` tells.
bool contains(const Head& head, const LogRecord& ours) {
  const auto record = find_in_tail(head, ours.generation);
  return record && record->version == ours.version && record->index_sha256 == ours.index_sha256;
}

}  // namespace

Result<void> Vault::put_index(const Index& index, ByteSpan encoded, std::stop_token stop) const {
  const std::string name = index_name(index.version);
  return put_once(name, seal_object(name, ObjectType::index, encoded), stop);
}

Result<void> Vault::put_once(std::string_view name, ByteSpan object, std::stop_token stop) const {
  const auto condition =
      config_.capabilities.conditional_create ? PutCondition::if_absent() : PutCondition::none();
  auto put = store_.put(name, object, condition, stop);
  if (put) return {};
  if (!put.failed_with(Code::already_exists)) return std::move(put).error();
  // The id is new and random: the object can only be ours, stored by a request whose answer was
  // lost.
  TRY_ASSIGN(const Blob there, get_whole(store_, name, object.size(), stop));
  if (std::ranges::equal(there.data, object)) return {};
  return Error(Code::corrupt,
               fmt::format("the object {} already exists with another content", name));
}

// Moves the oldest records of a full tail into a log segment.
Result<Head> Vault::next_head(const Head& before, const Index& index, ByteSpan encoded_index,
                              const std::vector<std::string>& new_catalogs,
                              std::stop_token stop) const {
  Head head = before;
  const Sha256Digest index_sha256 = sha256(encoded_index);
  for (const std::string& catalog : new_catalogs) {
    // A killed run's may be there already.
    if (std::ranges::find(head.catalogs, catalog) == head.catalogs.end())
      head.catalogs.push_back(catalog);
  }
  head.min_format = std::max(head.min_format, required_format_.load());
  if (!head.catalogs.empty()) head.min_format = std::max(head.min_format, kFormatWithCatalogs);
  if (is_segmented(encoded_index)) head.min_format = std::max(head.min_format, kFormatWithSegments);
  if (head.log_tail.size() >= kMaxLogTail) {
    LogSegment segment;
    segment.hash_before = head.log_tail_before;
    segment.previous = head.log_segment;
    const auto cut = head.log_tail.begin() + static_cast<std::ptrdiff_t>(kLogSegmentRecords);
    segment.records.assign(head.log_tail.begin(), cut);
    for (const LogRecord& record : segment.records)
      head.log_tail_before = next_log_hash(head.log_tail_before, record);
    head.log_tail.erase(head.log_tail.begin(), cut);

    const Bytes encoded = encode_log_segment(segment);
    const LogSegmentRef reference{environment_.random.make_id<Uuid>(), sha256(encoded)};
    const std::string name = log_segment_name(reference.id);
    TRY(store_.put(name, seal_object(name, ObjectType::log_segment, encoded), PutCondition::none(),
                   stop));
    head.log_segment = reference;
  }
  const LogRecord record{index.generation, index.version, index_sha256};
  head.generation = index.generation;
  head.version = index.version;
  head.index_sha256 = index_sha256;
  head.key_epoch = keyring_.current_epoch;
  head.publish = environment_.random.make_id<PublishId>();
  head.device = environment_.device;
  head.written_unix_ms = environment_.clock.unix_ms();
  head.log_hash = next_log_hash(head.log_hash, record);
  head.log_tail.push_back(record);
  return head;
}

Result<OpenedHead> Vault::publish(const OpenedHead& on, const Index& index, ByteSpan encoded,
                                  const std::vector<std::string>& new_catalogs,
                                  std::stop_token stop) {
  CHECK(index.generation == on.head.generation + 1);
  if (on.head.gc_state != 0) {
    return Error(Code::unsupported,
                 "a clean-up by a newer version of Mikura is under way in this repository")
        .with_hint("Update Mikura, or wait until the clean-up has ended.");
  }
  TRY(put_index(index, encoded, stop));
  OpenedHead ours;
  TRY_ASSIGN(ours.head, next_head(on.head, index, encoded, new_catalogs, stop));
  TRY(store_.flush(stop));

  ours.object = seal_object(kHeadName, ObjectType::head, encode_head(ours.head));
  const auto condition = config_.capabilities.conditional_swap ? PutCondition::if_match(on.etag)
                                                               : PutCondition::none();
  auto put = store_.put(kHeadName, ours.object, condition, stop);
  if (put) {
    ours.etag = *std::move(put);
    TRY(remember(ours.head));
    packs_.with([&](PackMap& map) { map.want(ours.head.generation, ours.head.catalogs); });
    return ours;
  }
  if (put.failed_with(Code::conflict) || put.failed_with(Code::transient) ||
      put.failed_with(Code::cancelled)) {
    return settle(ours, std::move(put).error(), stop);
  }
  return std::move(put).error();
}

// The swap failed, or its answer was lost: HEAD itself says which.
Result<OpenedHead> Vault::settle(const OpenedHead& ours, Error error, std::stop_token stop) {
  auto now = read_head(nullptr, stop);
  if (!now) return error;  // the next run finds out; nothing depends on it now
  const LogRecord record{ours.head.generation, ours.head.version, ours.head.index_sha256};
  if (now->head.publish == ours.head.publish || contains(now->head, record)) {
    log_info("the answer to publishing was lost, but the version is in the history");
    return now;
  }
  if (error.code() == Code::conflict) return std::move(error).with_context("publishing a version");
  // Not (yet) there. A delayed request could still arrive only if nobody else publishes: the next
  // attempt's swap settles it.
  return std::move(error).with_context("publishing a version");
}

}  // namespace mikura
