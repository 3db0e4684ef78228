// The command `mikura`.
#include <cstdlib>

#include "cli/cancel.h"
#include "cli/messages.h"
#include "cli/process.h"
#include "cli/run.h"

namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

int main(int argc, char** argv) {
  using namespace mikura;
  prepare_process();
  set_language(language_from(variable("LC_ALL"), variable("LC_MESSAGES"), variable("LANG")));
  const SignalStop signals;  // before any other thread
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return run_command(words, real_engine(), standard_streams(), signals.token());
}
