// What this process does to itself before anything else.
#pragma once

namespace mikura {

// * stdin, stdout and stderr are open: else the next file opened would take their place, and
// messages
//   would be written into it;
// * keys end neither in a core dump nor in another process of the same user;
// * a reader that goes away is an error of a write, not the end of the process;
// * many staged files and connections may be open at once.
void prepare_process();

}  // namespace mikura
