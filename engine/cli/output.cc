#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/file.h"

namespace mikura {
namespace {

bool is_set(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool is_dumb_terminal() {
  const char* const term = std::getenv("TERM");
  return term == nullptr || std::string_view(term) == "dumb" || *term == '\0';
}

std::string_view sequence(Colour colour) {
  switch (colour) {
    case Colour::red:
      return "\x1b[31m";
    case Colour::green:
      return "\x1b[32m";
    case Colour::yellow:
      return "\x1b[33m";
    case Colour::cyan:
      return "\x1b[36m";
    case Colour::bold:
      return "\x1b[1m";
    case Colour::faint:
      return "\x1b[2m";
  }
  return "";
}

}  // namespace

Streams standard_streams() {
  Streams streams;
  streams.out = stdout;
  streams.err = stderr;
  streams.out_is_terminal = ::isatty(STDOUT_FILENO) != 0;
  streams.err_is_terminal = ::isatty(STDERR_FILENO) != 0;
  streams.colours = streams.out_is_terminal && !is_set("NO_COLOR") && !is_dumb_terminal();
  return streams;
}

void Output::show(std::string_view line) {
  if (json) return;
  write(std::string(line) + "\n");
}

void Output::say(std::string_view line) {
  if (!quiet) show(line);
}

void Output::note(std::string_view line) {
  if (!json && !quiet) complain(line);
}

void Output::complain(std::string_view text) {
  if (clear_progress) clear_progress();
  // What was written before must be seen before: both may be the same terminal.
  std::fflush(streams_.out);
  std::fputs((std::string(text) + "\n").c_str(), streams_.err);
}

Result<void> Output::raw(ByteSpan bytes) {
  write(as_text(bytes));
  TRY(finish());
  if (is_closed()) return Error(Code::cancelled, "nobody reads the output any more");
  return {};
}

void Output::document(const Json& document) {
  if (json) write(json_text(document) + "\n");
}

void Output::write(std::string_view text) {
  if (failure_ != 0) return;
  if (clear_progress) clear_progress();
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), streams_.out) == text.size()) return;
  failure_ = errno != 0 ? errno : EIO;
}

bool Output::is_closed() const {
  return failure_ == EPIPE;
}

Result<void> Output::finish() {
  errno = 0;
  if (failure_ == 0 && std::fflush(streams_.out) != 0) failure_ = errno != 0 ? errno : EIO;
  if (failure_ == 0 || failure_ == EPIPE) return {};
  return system_error(failure_, "write to", "the standard output");
}

std::string Output::painted(Colour colour, std::string_view text) const {
  if (!streams_.colours) return std::string(text);
  return std::string(sequence(colour)) + std::string(text) + "\x1b[0m";
}

}  // namespace mikura
