// World: one simulated run: a store, some clients with their folders, time, faults, and the rule
// that exactly one of them moves at a time.
//
// Every call of the engine that has an effect comes here first (step()): it may be refused, be
// carried out and reported as failed, be the last one before the process dies, or let others go
// first. A dead process is one all of whose calls fail: it has no effects any more and unwinds by
// itself. All decisions come from the tape, so a seed is a run. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "crypto/random.h"
#include "sim/fiber.h"
#include "sim/oracle.h"
#include "sim/sim_fs.h"
#include "sim/sim_state.h"
#include "sim/tape.h"
#include "store/blob_store.h"
#include "sync/sync.h"

namespace mikura {

class SimStorage;
struct SimTemplate;

enum class Seam : std::uint8_t { store, tree, state };
// What becomes of one call.
enum class Verdict : std::uint8_t {
  go,
  dead,        // the process is dead: nothing happens
  fail,        // nothing happens, and an error is reported
  fail_after,  // it happens, and an error is reported
  die_after,   // it happens, and the process is dead
  late,        // put only: an error is reported, and it happens later
  twice,       // put only: it happens now, and the request arrives once more later
};
inline bool fails_before(Verdict verdict) {
  return verdict == Verdict::dead || verdict == Verdict::fail;
}
inline bool fails_after(Verdict verdict) {
  return verdict == Verdict::fail_after || verdict == Verdict::die_after;
}

struct Command {
  CommandKind kind = CommandKind::none;
  std::string path;                                // resolve, restore
  Resolution resolution = Resolution::keep_local;  // resolve
  std::size_t version = 0;                         // restore: position in the chain
};

// The rates of a run: each run has its own, many of them zero, so that rare things meet each other.
struct Weather {
  unsigned clients = 1;
  unsigned steps = 12;
  unsigned store_faults = 0;  // per 1000 calls
  unsigned tree_faults = 0;
  unsigned state_faults = 0;
  unsigned deaths = 0;
  unsigned attempts = 8;  // of the retrying store
  bool power_cuts = false;
  bool state_losses = false;
  bool clock_steps = false;
  bool store_losses = false;
  bool last_write_wins = false;
  unsigned paths = 9;   // on how few files people meet
  bool pushes = false;  // push without pull, too
};

// One exact fault, for the loops that go through all of them.
struct AimedFault {
  unsigned client = 0;
  std::optional<Seam> seam;  // nullopt: any
  std::uint64_t n = 0;       // the n-th such call from now on
  Verdict verdict = Verdict::fail;
};

struct SimClient {
  SimClient(unsigned number, std::function<std::int64_t()> now, bool keeps_history)
      : id(number), fs(std::move(now), keeps_history) {}

  unsigned id;
  SimFs fs;
  SimStateData state;
  DeviceId device;
  std::int64_t skew_ns = 0;
  bool dead = false;
  Command command;
  std::unique_ptr<Fiber> fiber;
  // A program's save, half done.
  struct OpenSave {
    std::uint64_t inode = 0;
    std::string text;  // the rest of the save; empty if none is open
    std::string rename_from, rename_to;
  };
  OpenSave open_save;
  // Of the last command that ended.
  std::optional<Error> error;
  bool moved_something = false;
  std::int64_t scanned_ns = 0;  // when its last scan began
};

struct Violation {
  std::string invariant;
  std::string detail;
};

class World {
 public:
  World(const SimTemplate& base, const Weather& weather, Tape& tape, bool writes_trace);
  ~World();

  Tape& tape() { return tape_; }
  Oracle& oracle() { return oracle_; }
  SimStorage& storage() { return *storage_; }
  const Weather& weather() const { return weather_; }
  std::vector<std::unique_ptr<SimClient>>& clients() { return clients_; }
  std::int64_t now_ns() const { return now_ns_; }
  std::int64_t now_of(const SimClient& client) const { return now_ns_ + client.skew_ns; }
  void advance(std::int64_t ns) { now_ns_ += ns; }
  // A text that no save had before.
  std::string fresh_text(bool is_long);

  // The engine's calls -------------------------------------------------------------------------
  Verdict step(SimClient& client, Seam seam, const char* what, std::string_view subject);
  Error error(SimClient& client, Seam seam, Verdict verdict);
  void pause(SimClient& client, std::int64_t ns);
  void stored(const Oracle::Publisher& by, std::string_view name, const Bytes& data,
              const std::string& etag);
  // Who would publish, if this client did now.
  Oracle::Publisher publisher(const SimClient& client) const;

  // Commands -----------------------------------------------------------------------------------
  bool is_busy(const SimClient& client) const { return client.fiber != nullptr; }
  void start(SimClient& client, Command command);
  // Lets running commands make `calls` calls together, or all of them end.
  void run(std::uint64_t calls);
  void run_to_end() { run(UINT64_MAX); }
  void kill(SimClient& client);
  void power_cut(SimClient& client);
  void store_power_loss();
  void deliver_late(std::size_t position);
  void lose_state(SimClient& client);
  void aim(const AimedFault& fault) { aimed_ = fault; }
  bool aimed_was_hit() const { return aimed_ && aimed_->n == 0; }
  void calm() { calm_ = true; }  // no faults from now on

  // The verdict --------------------------------------------------------------------------------
  void fail(std::string invariant, std::string detail);
  const std::optional<Violation>& violation() const { return violation_; }
  std::uint64_t trace_hash() const { return hash_; }
  const std::vector<std::string>& trace() const { return trace_; }
  bool traces() const { return writes_trace_; }
  void note(std::string line);
  void mix(std::uint64_t value) { hash_ = mix_bits(hash_ ^ value); }
  std::unordered_set<ContentId> reachable() const;
  void check_kept() { oracle_.check_kept(reachable()); }

 private:
  Verdict decide(SimClient& client, Seam seam, const char* what);
  void execute(SimClient& client);
  Result<void> execute_with_vault(SimClient& client);
  Result<void> run_command(SimClient& client, const SyncContext& context);
  void ended(SimClient& client);

  const SimTemplate& base_;
  const Weather weather_;
  Tape& tape_;
  const bool writes_trace_;
  std::int64_t now_ns_ = 1'800'000'000'000'000'000;
  std::unique_ptr<SimStorage> storage_;
  Oracle oracle_;
  std::unique_ptr<Random> random_;
  std::unique_ptr<BlobStore> onlooker_store_;
  std::unique_ptr<Vault> onlooker_;
  std::vector<std::unique_ptr<SimClient>> clients_;
  std::vector<std::uint8_t> store_has_;
  std::optional<AimedFault> aimed_;
  bool calm_ = false;
  std::uint64_t calls_left_ = 0;
  std::uint64_t slice_left_ = 0;
  std::uint32_t texts_ = 0;
  std::optional<Violation> violation_;
  std::uint64_t hash_ = 0;
  std::vector<std::string> trace_;
};

}  // namespace mikura
