#include "server/secrets.h"

namespace mikura {

KeySource duplicate(const KeySource& source) {
  if (const auto* const key = std::get_if<UserKey>(&source.secret))
    return KeySource::key(key->duplicate());
  return KeySource::passphrase(SecretBytes(std::get<SecretBytes>(source.secret).expose()));
}

Result<std::optional<Secrets::Given>> Secrets::get(const RepositoryId& repository,
                                                   std::stop_token stop, const Ask& ask) {
  std::unique_lock lock(mutex_);
  // Entries are never erased: the reference stays good.
  Entry& entry = entries_[repository];
  const std::uint64_t refusals_before = entry.refusals;
  changed_.wait(lock, stop, [&] { return !entry.asking; });
  if (entry.key) return std::optional<Given>({duplicate(*entry.key), entry.generation});
  if (stop.stop_requested()) return Error(Code::cancelled, "cancelled");
  if (entry.refusals != refusals_before) return std::optional<Given>();

  entry.asking = true;
  lock.unlock();
  Result<std::optional<KeySource>> answer = ask();
  lock.lock();
  entry.asking = false;
  changed_.notify_all();
  if (!answer) return std::move(answer).error();
  if (!*answer) {
    ++entry.refusals;
    return std::optional<Given>();
  }
  entry.key = **std::move(answer);
  entry.generation = ++last_generation_;
  return std::optional<Given>({duplicate(*entry.key), entry.generation});
}

void Secrets::keep(const RepositoryId& repository, KeySource key) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[repository];
  entry.key = std::move(key);
  entry.generation = ++last_generation_;
}

void Secrets::drop(const RepositoryId& repository, std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[repository];
  if (entry.generation == generation) entry.key.reset();
}

void Secrets::forget(const RepositoryId& repository) {
  const std::lock_guard lock(mutex_);
  entries_[repository].key.reset();
}

bool Secrets::knows(const RepositoryId& repository) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(repository);
  return found != entries_.end() && found->second.key.has_value();
}

}  // namespace mikura
