// What differs between the two builds of the simulator: with a cheap stand-in for cryptography and
// the memory of clients in memory (sim/fast/), or with the very libraries of the product
// (backend_real.cc).
#pragma once

#include <string>

namespace mikura {

std::string sim_client_folder(unsigned client);
void forget_sim_client_folders();
// Which build this is: "fast" or "real".
const char* sim_backend();
// The deliberate defect that is switched on (tests/sim/seeded_bugs.py): 0 for none.
void set_seeded_bug(int number);

}  // namespace mikura
