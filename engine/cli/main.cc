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
  mikura::prepare_process();
  mikura::set_language(
      mikura::language_from(variable("LC_ALL"), variable("LC_MESSAGES"), variable("LANG")));
  const mikura::SignalStop signals;  // before any other thread
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return mikura::run_command(words, mikura::real_engine(), mikura::standard_streams(),
                             signals.token());
}
