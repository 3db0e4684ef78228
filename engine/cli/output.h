// Output: everything that the command writes to stdout and stderr, but for the progress line.
//
// stdout carries results only: lines for people, the one document of --json, or raw bytes. stderr
// carries errors and notes. Whoever reads stdout may go away at any time, which is not an error;
// any other failure to write is. Whatever names or messages are given to say(), show() and note()
// must have been made harmless (cli/text.h). One thread.
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/json.h"

namespace mikura {

struct Streams {
  std::FILE* out = nullptr;
  std::FILE* err = nullptr;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool colours = false;  // on out, which is then a terminal
};

// The process's own. Colours on a terminal unless NO_COLOR is set or TERM is "dumb".
Streams standard_streams();

enum class Colour { red, green, yellow, cyan, bold, faint };

class Output {
 public:
  explicit Output(const Streams& streams) : streams_(streams) {}

  // Set by the parser.
  bool json = false;
  bool quiet = false;
  // Called before something else than the progress line is written. May be empty.
  std::function<void()> clear_progress;

  // A line that was asked for: a listing. Nothing with --json.
  void show(std::string_view line);
  // A line that tells how it went. Nothing with --json or --quiet.
  void say(std::string_view line);
  // Like say(), on stderr: what is noteworthy but no result.
  void note(std::string_view line);
  // A line on stderr whatever the options are.
  void complain(std::string_view text);

  // Exactly these bytes. Code::cancelled once nobody reads any more, so that the caller can stop.
  Result<void> raw(ByteSpan bytes);
  // The document of --json. Names are UTF-8; whatever else might slip in is replaced.
  void document(const Json& document);

  // True once nobody reads stdout any more.
  bool is_closed() const;
  // Flushes. An error if something could not be written for another reason than that.
  Result<void> finish();

  // `text` in a colour, if colours are on.
  std::string painted(Colour colour, std::string_view text) const;
  const Streams& streams() const { return streams_; }

 private:
  void write(std::string_view text);

  const Streams streams_;
  int failure_ = 0;  // errno of the first failed write to stdout
};

}  // namespace mikura
