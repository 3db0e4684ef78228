// SimStorage and SimStore: a store in memory, and what one client sees of it through a network that
// loses, delays, repeats and refuses.
//
// Conditions are exact and every conditional put is durable, as store/blob_store.h demands; an
// unconditional put is durable after flush(), and a power loss of the store may take it before. One
// thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/world.h"
#include "store/blob_store.h"

namespace mikura {

class SimStorage {
 public:
  struct Object {
    std::shared_ptr<const Bytes> data;
    std::string etag;
    bool durable = true;
    std::shared_ptr<const Bytes> before;  // what it replaced, if that was durable
  };
  struct Request {
    Oracle::Publisher by;
    std::string name;
    std::shared_ptr<const Bytes> data;
    PutCondition condition;
  };

  const Object* find(std::string_view name) const;
  const std::map<std::string, Object, std::less<>>& objects() const { return objects_; }
  Result<std::string> put(std::string_view name, std::shared_ptr<const Bytes> data,
                          const PutCondition& condition);
  Result<void> remove(std::string_view name, const std::optional<std::string>& if_etag);
  void flush();
  void delay(Request request) { delayed_.push_back(std::move(request)); }
  std::vector<Request>& delayed() { return delayed_; }
  // Each object that is not durable is lost or not, as `choose` says.
  void lose_power(const std::function<std::uint32_t(std::uint32_t)>& choose);
  std::uint64_t puts() const { return puts_; }

 private:
  std::map<std::string, Object, std::less<>> objects_;
  std::vector<Request> delayed_;
  std::uint64_t last_etag_ = 0;
  std::uint64_t puts_ = 0;
};

// `client` null: somebody who only looks on, whom no fault meets.
std::unique_ptr<BlobStore> make_sim_store(World& world, SimStorage& storage, SimClient* client);

}  // namespace mikura
