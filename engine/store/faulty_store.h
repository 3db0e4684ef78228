// A BlobStore that misbehaves as told: for tests of everything that uses one.
//
// Two families of faults. Those at an operation: the n-th call through this store (from 1, all
// kinds but describe together) fails, is applied although it "fails", calls back, or is the last
// that works. And lies about an object, as a hostile or rotten store tells them: changed, stale,
// swapped or withheld. Thread-safe: faults may be set while other threads use the store. Callbacks
// run in the caller's thread, unlocked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "store/blob_store.h"

namespace mikura {

// before: the operation is not carried out. after: it is, and its answer is lost or comes late.
enum class FaultMoment : std::uint8_t { before, after };

class FaultyStore final : public BlobStore {
 public:
  explicit FaultyStore(std::unique_ptr<BlobStore> inner) : inner_(std::move(inner)) {}

  // How many operations there have been.
  std::uint64_t operations() const;

  // Operation `n` fails with `error`. FaultMoment::after and Code::transient is a lost answer.
  void fail_at(std::uint64_t n, FaultMoment moment, Error error);
  // Operation `n` calls `callback` (which may end the process, or change the store behind the
  // caller's back).
  void call_at(std::uint64_t n, FaultMoment moment, std::function<void()> callback);
  // Operation `n`, if it is a put, fails with Code::transient now and is carried out by
  // release_delayed_puts(): a request that lingers in the network.
  void delay_put_at(std::uint64_t n);
  // Operation `n` and all after it fail with Code::transient: what a client that crashes leaves
  // behind.
  void crash_at(std::uint64_t n, FaultMoment moment);
  // Each operation fails with Code::transient with this probability, before or after as chance has
  // it.
  void fail_randomly(std::uint64_t seed, double probability);
  // Carries out the delayed puts in order, whatever comes of them. Returns how many succeeded.
  unsigned release_delayed_puts();

  // What is read of the object is changed; its size in listings is not.
  void corrupt(std::string_view name, std::function<void(Bytes&)> change);
  void flip_byte(std::string_view name, std::size_t offset);  // offset modulo the size
  void truncate(std::string_view name, std::size_t size_bytes);
  // Reads of the object give what it is now (also: nothing), whatever is put there later. Writes
  // and lists are honest.
  Result<void> serve_stale(std::string_view name);
  // Reads of one give the other.
  void serve_swapped(std::string_view name, std::string_view other);
  // The object is neither read nor listed.
  void withhold(std::string_view name);
  // No faults and no lies from now on. Delayed puts stay delayed.
  void heal();

  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token stop) override;
  Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) override;
  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition& condition,
                          std::stop_token stop) override;
  Result<void> remove(std::string_view name, const std::optional<std::string>& if_etag,
                      std::stop_token stop) override;
  Result<ListPage> list(std::string_view prefix, std::string_view start,
                        std::stop_token stop) override;
  Result<void> flush(std::stop_token stop) override;
  std::string describe() const override { return inner_->describe(); }

 private:
  struct Fault {
    std::optional<Error> error;
    std::function<void()> callback;
  };
  struct OperationFaults {
    Fault before;
    Fault after;
    bool delay_put = false;
  };
  struct DelayedPut {
    std::string name;
    Bytes data;
    PutCondition condition;
  };
  struct Lies {
    std::map<std::string, std::vector<std::function<void(Bytes&)>>, std::less<>> changes;
    std::map<std::string, std::optional<Blob>, std::less<>> stale;
    std::map<std::string, std::string, std::less<>> swapped;
    std::set<std::string, std::less<>> withheld;
  };
  struct Script {
    std::uint64_t operations = 0;
    std::map<std::uint64_t, OperationFaults> faults;
    std::optional<std::uint64_t> dead_from;
    double probability = 0;
    std::mt19937_64 random;
    std::vector<DelayedPut> delayed;
    Lies lies;
  };

  OperationFaults next_operation();
  template <class Call>
  auto operate(const Call& call) -> decltype(call(false));
  // The object as it is to be seen, or nullopt if it is to be read from the inner store.
  bool is_lied_about(std::string_view name) const;
  Result<Blob> lie(std::string_view name, std::stop_token stop);

  const std::unique_ptr<BlobStore> inner_;
  Guarded<Script> script_;
};

}  // namespace mikura
