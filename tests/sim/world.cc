#include "sim/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "format/path.h"
#include "sim/backend.h"
#include "sim/seams.h"
#include "sim/sim_store.h"
#include "sim/sim_tree.h"
#include "sim/template.h"
#include "store/retrying_store.h"
#include "sync/resolve.h"
#include "sync/restore.h"
#include "sync/snapshot.h"

namespace mikura {
namespace {

constexpr std::int64_t kKernelTickNs = 4'000'000;
constexpr std::int64_t kCallNs = 300'000;
// No run of this size needs more: whoever goes on has lost the way.
constexpr std::uint64_t kMaxCalls = 200'000;

const char* name_of(Seam seam) {
  switch (seam) {
    case Seam::store:
      return "store";
    case Seam::tree:
      return "tree";
    case Seam::state:
      return "state";
  }
  return "";
}

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::go:
      return "";
    case Verdict::dead:
      return "  ** the process dies before it";
    case Verdict::fail:
      return "  ** fails";
    case Verdict::fail_after:
      return "  ** happens, and is reported as failed";
    case Verdict::die_after:
      return "  ** happens, and the process dies";
    case Verdict::late:
      return "  ** is reported as failed, and will happen later";
    case Verdict::twice:
      return "  ** will arrive a second time";
  }
  return "";
}

const char* name_of(CommandKind kind) {
  switch (kind) {
    case CommandKind::none:
      return "nothing";
    case CommandKind::sync:
      return "sync";
    case CommandKind::push:
      return "push";
    case CommandKind::pull:
      return "pull";
    case CommandKind::resolve:
      return "resolve";
    case CommandKind::restore:
      return "restore";
  }
  return "";
}

char letter(const SimClient& client) {
  return static_cast<char>('A' + client.id);
}

}  // namespace

World::World(const SimTemplate& base, const Weather& weather, Tape& tape, bool writes_trace)
    : base_(base),
      weather_(weather),
      tape_(tape),
      writes_trace_(writes_trace),
      storage_(std::make_unique<SimStorage>(base.storage)),
      oracle_(weather.clients, weather.last_write_wins,
              [this](std::string invariant, std::string detail) {
                fail(std::move(invariant), std::move(detail));
              }),
      random_(std::make_unique<SimRandom>(tape.choose(UINT32_MAX))) {
  forget_sim_client_folders();
  onlooker_store_ = make_sim_store(*this, *storage_, nullptr);
  for (unsigned id = 0; id < weather_.clients; ++id) {
    auto now = [this, id]() -> std::int64_t {
      const std::int64_t skew = id < clients_.size() ? clients_[id]->skew_ns : 0;
      return (now_ns_ + skew) / kKernelTickNs * kKernelTickNs;
    };
    clients_.push_back(std::make_unique<SimClient>(id, now, weather_.power_cuts));
    SimClient& client = *clients_.back();
    client.device = random_->make_id<DeviceId>();
    client.state.keeps_history = weather_.power_cuts;
    WorkspaceLink link;
    link.repository = base.repository;
    link.store_url = "file:///simulated";
    if (weather_.last_write_wins) link.policy = "lastWriteWins";
    client.state.link = link;
  }
  const VaultEnvironment environment{system_clock(), *random_, sim_client_folder(kOnlooker), {}};
  auto vault = Vault::open(
      *onlooker_store_, base.keys,
      [](const RepositoryId&, const KeyKinds&) -> Result<KeySource> { return sim_key(); },
      environment, {});
  CHECK(vault);
  onlooker_ = *std::move(vault);
}

World::~World() {
  for (auto& client : clients_) {
    if (client->fiber) kill(*client);
  }
}

std::string World::fresh_text(bool is_long) {
  std::string text = fmt::format("#{:05}.", ++texts_);
  if (is_long) text += std::string(20 + texts_ % 30, '.');
  return text;
}

void World::note(std::string line) {
  if (!writes_trace_) return;
  trace_.push_back(fmt::format("{:>10.3f} s  {}",
                               static_cast<double>(now_ns_ - 1'800'000'000'000'000'000) / 1e9,
                               std::move(line)));
}

void World::fail(std::string invariant, std::string detail) {
  if (violation_) return;
  note(fmt::format("!! {}: {}", invariant, detail));
  violation_ = Violation{std::move(invariant), std::move(detail)};
}

// Calls ------------------------------------------------------------------------------------------

Verdict World::step(SimClient& client, Seam seam, const char* what, std::string_view subject) {
  if (client.dead) return Verdict::dead;
  while (slice_left_ == 0 && !client.dead)
    Fiber::yield();
  if (client.dead) return Verdict::dead;
  --slice_left_;
  --calls_left_;
  now_ns_ += kCallNs;
  const Verdict verdict = violation_ ? Verdict::dead : decide(client, seam, what);
  if (verdict == Verdict::dead || verdict == Verdict::die_after) client.dead = true;
  mix((static_cast<std::uint64_t>(client.id) << 8) + static_cast<std::uint64_t>(verdict));
  mix(std::hash<std::string_view>()(what) ^ (std::hash<std::string_view>()(subject) << 1));
  if (writes_trace_)
    note(fmt::format("  {} {} {} {}{}", letter(client), name_of(seam), what, subject,
                     name_of(verdict)));
  return verdict;
}

Verdict World::decide(SimClient& client, Seam seam, const char* what) {
  if (aimed_ && aimed_->n > 0 && aimed_->client == client.id &&
      (!aimed_->seam || *aimed_->seam == seam)) {
    if (--aimed_->n == 0) return aimed_->verdict;
    return Verdict::go;
  }
  if (calm_) return Verdict::go;
  const unsigned faults = seam == Seam::store  ? weather_.store_faults
                          : seam == Seam::tree ? weather_.tree_faults
                                               : weather_.state_faults;
  if (faults + weather_.deaths == 0) return Verdict::go;
  const std::uint32_t roll = tape_.choose(1000);
  if (roll < 1000 - faults - weather_.deaths) return Verdict::go;
  if (roll < 1000 - faults) return roll % 2 == 0 ? Verdict::dead : Verdict::die_after;
  if (seam == Seam::store && what[0] == 'p') {
    switch (tape_.choose(4)) {
      case 0:
        return Verdict::fail;
      case 1:
        return Verdict::fail_after;
      case 2:
        return Verdict::late;
      default:
        return Verdict::twice;
    }
  }
  return tape_.choose(2) == 0 ? Verdict::fail : Verdict::fail_after;
}

Error World::error(SimClient&, Seam seam, Verdict verdict) {
  if (verdict == Verdict::dead || verdict == Verdict::die_after)
    return Error(Code::cancelled, "the process is dead");
  if (seam == Seam::store) return Error(Code::transient, "the network failed");
  return Error(Code::io, "an error of the disk");
}

void World::pause(SimClient& client, std::int64_t ns) {
  if (client.dead) return;
  while (slice_left_ == 0 && !client.dead)
    Fiber::yield();
  if (client.dead) return;
  --slice_left_;
  --calls_left_;
  now_ns_ += ns;
  if (writes_trace_) note(fmt::format("  {} waited {} ms", letter(client), ns / 1'000'000));
}

Oracle::Publisher World::publisher(const SimClient& client) const {
  Oracle::Publisher by{client.id, client.scanned_ns, {}};
  for (const auto& [path, record] : client.state.conflicts) {
    // Whoever removes the folder has nothing left to resolve.
    if (record.copied && client.fs.is_folder(parent_path(path))) by.open.push_back(path);
  }
  return by;
}

void World::stored(const Oracle::Publisher& by, std::string_view name, const Bytes& data,
                   const std::string& etag) {
  if (name != kHeadName) return;
  SimClient& client = *clients_[by.client];
  client.moved_something = true;
  auto head = onlooker_->open_cached_head(data, etag);
  if (!head) return fail("every version is readable", head.error().message());
  auto loaded = onlooker_->read_index(head->head.version, head->head.index_sha256, {});
  if (!loaded) return fail("every version is readable", loaded.error().message());
  if (writes_trace_)
    note(fmt::format("== version {} by {}", head->head.generation, letter(client)));
  const auto is_stored = [&](const Sha256Digest& content) {
    return storage_->find(onlooker_->name_of(content)) != nullptr;
  };
  oracle_.head_put(by, *head, std::move(loaded->index), is_stored);
}

// Commands ---------------------------------------------------------------------------------------

void World::start(SimClient& client, Command command) {
  CHECK(client.fiber == nullptr);
  note(fmt::format("{}: {} {}{}", letter(client), name_of(command.kind), command.path,
                   command.kind != CommandKind::resolve           ? ""
                   : command.resolution == Resolution::keep_local ? " --keep-local"
                   : command.resolution == Resolution::keep_both  ? " --keep-both"
                                                                  : " --take-remote"));
  client.command = std::move(command);
  client.dead = false;
  client.error.reset();
  client.moved_something = false;
  client.fiber = std::make_unique<Fiber>([this, &client] { execute(client); });
}

void World::execute(SimClient& client) {
  auto done = execute_with_vault(client);
  if (!done) client.error = std::move(done).error();
}

Result<void> World::execute_with_vault(SimClient& client) {
  SimClock clock(*this, client);
  RetryingOptions options;
  options.policy.max_attempts = weather_.attempts;
  options.clock = &clock;
  options.seed = client.id;
  const auto store = make_retrying_store(make_sim_store(*this, *storage_, &client), options);
  const auto tree = make_sim_tree(*this, client);
  const auto state = make_sim_state(*this, client);
  TRY(tree->tidy(30, UINT64_MAX));
  const VaultEnvironment environment{clock, *random_, sim_client_folder(client.id), client.device};
  TRY_ASSIGN(const auto vault,
             Vault::open(*store, base_.keys,
                         [](const RepositoryId&, const KeyKinds&) -> Result<KeySource> {
                           return sim_key();
                         },
                         environment, {}));
  ByteBudget memory(64 << 20);
  const ProgressSink no_progress;
  TransferCounts counts;
  const bool without_vault = client.command.kind == CommandKind::resolve &&
                             client.command.resolution == Resolution::keep_local;
  const SyncContext context{without_vault ? nullptr : vault.get(),
                            *tree,
                            *state,
                            clock,
                            *random_,
                            memory,
                            no_progress,
                            1,
                            counts,
                            {},
                            std::make_shared<std::mutex>(),
                            // Every other client writes in segments what is hardly a tree.
                            client.id % 2 == 0 ? kMaxWholeEntries : 1};
  return run_command(client, context);
}

Result<void> World::run_command(SimClient& client, const SyncContext& context) {
  const Command& command = client.command;
  const WorkspaceLink& link = *client.state.link;
  const Author author{client.device, std::string(1, letter(client)), "somebody", "mikura-sim"};
  switch (command.kind) {
    case CommandKind::none:
      return {};
    case CommandKind::sync:
    case CommandKind::push:
    case CommandKind::pull: {
      SyncRequest request;
      request.mode = command.kind == CommandKind::push   ? SyncMode::push
                     : command.kind == CommandKind::pull ? SyncMode::pull
                                                         : SyncMode::sync;
      auto report = run_sync(context, request, link, author, {});
      if (!report) return std::move(report).error();
      return {};
    }
    case CommandKind::resolve: {
      auto report = resolve_conflict(context, link, {command.path, command.resolution}, {});
      if (!report) return std::move(report).error();
      return {};
    }
    case CommandKind::restore: {
      // By value: others publish meanwhile.
      const VersionId version = oracle_.versions()[command.version].version;
      const Sha256Digest index_sha256 = oracle_.index_sha256(command.version);
      TRY_ASSIGN(const Index index, load_index(context, version, index_sha256, {}));
      RestoreRequest request;
      if (!command.path.empty()) request.paths.push_back(command.path);
      auto report = restore_workspace(context, index, request, link, {});
      if (!report) return std::move(report).error();
      return {};
    }
  }
  return {};
}

void World::run(std::uint64_t calls) {
  std::uint64_t total = 0;
  calls_left_ = calls;
  std::vector<SimClient*> active;
  while (calls_left_ > 0) {
    active.clear();
    for (auto& client : clients_) {
      if (client->fiber) active.push_back(client.get());
    }
    if (active.empty()) break;
    SimClient* next = active[0];
    slice_left_ = calls_left_;
    if (active.size() > 1) {
      next = active[tape_.choose(static_cast<std::uint32_t>(active.size()))];
      slice_left_ = std::min<std::uint64_t>(calls_left_, 1 + tape_.choose(12));
    }
    const std::uint64_t before = calls_left_;
    next->fiber->resume();
    total += before - calls_left_;
    if (total > kMaxCalls) fail("everything ends", "a command goes on and on");
    if (next->fiber->is_done()) ended(*next);
  }
  slice_left_ = 0;
}

void World::ended(SimClient& client) {
  client.fiber.reset();
  const bool died = client.dead;
  client.dead = false;
  if (died) {
    note(fmt::format("{}: the process is dead", letter(client)));
    if (weather_.power_cuts && !calm_ && tape_.choose(3) == 2) power_cut(client);
  } else if (client.error) {
    note(fmt::format("{}: {} failed: {}", letter(client), name_of(client.command.kind),
                     client.error->message()));
    const Code code = client.error->code();
    const bool network = code == Code::transient;
    const bool disk = code == Code::io;
    const bool moved = code == Code::conflict || code == Code::not_found;
    const bool is_command =
        client.command.kind == CommandKind::resolve || client.command.kind == CommandKind::restore;
    if (!network && !disk && !(is_command && moved) && code != Code::refused) {
      fail("errors say what happened",
           fmt::format("{}: {}", code_name(code), client.error->message()));
    }
  } else {
    note(fmt::format("{}: {} is done", letter(client), name_of(client.command.kind)));
  }
  client.command.kind = CommandKind::none;
}

void World::kill(SimClient& client) {
  if (!client.fiber) return;
  client.dead = true;
  client.fiber->resume();
  CHECK(client.fiber->is_done());
  ended(client);
}

void World::power_cut(SimClient& client) {
  if (client.fiber) {
    client.dead = true;
    client.fiber->resume();
    client.fiber.reset();
    client.dead = false;
    client.command.kind = CommandKind::none;
  }
  note(fmt::format("{}: the power is cut", letter(client)));
  client.open_save = {};
  std::unordered_set<ContentId> durable;
  client.fs.each_durable([&](const SimNode& node) { durable.insert(oracle_.find(node)); });
  client.fs.power_cut([&](std::uint32_t n) { return tape_.choose(n); });
  auto& earlier = client.state.earlier;
  if (!earlier.empty()) {
    const auto lost = tape_.choose(static_cast<std::uint32_t>(earlier.size() + 1));
    if (lost > 0) {
      const auto kept = earlier[earlier.size() - lost];
      client.state = *kept;
    }
    client.state.earlier.clear();
    client.state.keeps_history = weather_.power_cuts;
  }
  oracle_.power_cut(client.id, client.fs, durable, reachable());
}

void World::store_power_loss() {
  for (auto& client : clients_)
    power_cut(*client);
  note("the store loses its power");
  storage_->lose_power([&](std::uint32_t n) { return tape_.choose(n); });
  for (const Index& version : oracle_.versions()) {
    for (const Entry& entry : version.entries) {
      if (entry.kind == EntryKind::file && !storage_->find(onlooker_->name_of(entry.content)))
        fail("every version is complete",
             fmt::format("version {} lost the content of {} with the power of the store",
                         version.generation, entry.path));
    }
  }
}

void World::deliver_late(std::size_t position) {
  auto& delayed = storage_->delayed();
  const SimStorage::Request request = std::move(delayed[position]);
  delayed.erase(delayed.begin() + static_cast<std::ptrdiff_t>(position));
  auto etag = storage_->put(request.name, request.data, request.condition);
  note(fmt::format("a late request of {} arrives: put {}: {}",
                   static_cast<char>('A' + request.by.client), request.name,
                   etag ? "done" : etag.error().message()));
  if (etag) stored(request.by, request.name, *request.data, *etag);
}

void World::lose_state(SimClient& client) {
  note(fmt::format("{}: .mikura/state.db is lost", letter(client)));
  SimStateData fresh;
  fresh.link = client.state.link;
  fresh.keeps_history = client.state.keeps_history;
  client.state = std::move(fresh);
  oracle_.state_lost(client.id);
}

std::unordered_set<ContentId> World::reachable() const {
  std::unordered_set<ContentId> ids;
  for (const auto& client : clients_) {
    for (const auto& [path, node] : client->fs.nodes())
      ids.insert(oracle_.find(*node));
    for (const auto& [path, node] : client->fs.backup())
      ids.insert(oracle_.find(*node));
  }
  return ids;
}

}  // namespace mikura
