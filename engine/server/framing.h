// Framing: from a stream of bytes to messages and back (docs/protocol.md, "Transport"). Pure.
//
//   Content-Length: N\r\n [other headers\r\n] \r\n N bytes
//
// Invariants: however the stream is cut into pieces, the messages are the same; nothing beyond the
// limits is ever kept. One thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mikura {

inline constexpr std::size_t kMaxHeaderBytes = 4096;
inline constexpr std::size_t kMaxMessageBytes = 8 << 20;

class FrameParser {
 public:
  FrameParser() = default;
  ~FrameParser();
  FrameParser(const FrameParser&) = delete;
  FrameParser& operator=(const FrameParser&) = delete;

  // Takes the next bytes of the stream. The caller then takes all messages out.
  void feed(ByteSpan bytes);
  // The next whole message; nullopt as long as it is not there. Code::invalid, for ever, once a
  // header is broken: nothing behind it can be trusted.
  Result<std::optional<std::string>> next();

 private:
  Result<void> read_header();

  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not taken out yet
  std::optional<std::size_t> body_bytes_;
  bool broken_ = false;
};

std::string framed(std::string_view message);

// Messages may hold secrets.
void wipe_text(std::string& text);

}  // namespace mikura
