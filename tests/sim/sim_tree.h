// SimTree: the WorkingTree of a simulated machine, over SimFs. One thread.
//
// What a step of the real one does atomically (exchange, look, put back) happens here at once; what
// it does not (listing folders, reading files one after another) lets others in between.
#pragma once

#include <memory>

#include "local/working_tree.h"

namespace mikura {

class World;
struct SimClient;

std::unique_ptr<WorkingTree> make_sim_tree(World& world, SimClient& client);

}  // namespace mikura
