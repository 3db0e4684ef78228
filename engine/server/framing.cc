#include "server/framing.h"

#include <algorithm>
#include <charconv>

#include "crypto/secret_key.h"

namespace mikura {
namespace {

constexpr std::string_view kEnd = "\r\n\r\n";
constexpr std::string_view kLength = "content-length";

Error broken(std::string_view why) {
  return Error(Code::invalid, "the header of a message is broken: " + std::string(why))
      .with_hint("Messages are framed as docs/protocol.md says.");
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Seen before the header is whole, so that a stream of another kind is not waited for.
bool is_possible_header(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\r') {
      if (i + 1 < text.size() && text[i + 1] != '\n') return false;
    } else if (c == '\n') {
      if (i == 0 || text[i - 1] != '\r') return false;
    } else if (c < 0x20 || c > 0x7E) {
      return false;
    }
  }
  return true;
}

Result<std::size_t> parse_length(std::string_view value) {
  std::size_t length = 0;
  const char* const end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, length);
  if (value.empty() || value.front() == '+' || value.front() == '-' || parsed.ec != std::errc() ||
      parsed.ptr != end) {
    return broken("Content-Length is no number");
  }
  if (length > kMaxMessageBytes) return broken("the message is too long");
  return length;
}

// `header` without the empty line at its end.
Result<std::size_t> parse_header(std::string_view header) {
  std::optional<std::size_t> length;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find("\r\n"), header.size());
    const std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 2, header.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_name(line.substr(0, colon)))
      return broken("a line is no header");
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), lower);
    if (name != kLength) continue;
    if (length) return broken("Content-Length is there twice");
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' '))
      value.remove_prefix(1);
    TRY_ASSIGN(length, parse_length(value));
  }
  if (!length) return broken("there is no Content-Length");
  return *length;
}

}  // namespace

FrameParser::~FrameParser() {
  wipe_text(buffer_);
}

void FrameParser::feed(ByteSpan bytes) {
  if (broken_) return;
  // What was taken out makes room first; what was there is wiped, for it may have been a secret.
  if (begin_ > 0) {
    std::string rest = buffer_.substr(begin_);
    wipe_text(buffer_);
    buffer_ = std::move(rest);
    begin_ = 0;
  }
  buffer_.append(as_text(bytes));
}

Result<void> FrameParser::read_header() {
  const std::string_view text = std::string_view(buffer_).substr(begin_);
  const std::size_t end = text.substr(0, kMaxHeaderBytes).find(kEnd);
  if (end == std::string_view::npos) {
    if (text.size() >= kMaxHeaderBytes) return broken("it is too long");
    if (!is_possible_header(text)) return broken("there are bytes in it that are no text");
    return {};
  }
  if (!is_possible_header(text.substr(0, end + kEnd.size())))
    return broken("there are bytes in it that are no text");
  TRY_ASSIGN(body_bytes_, parse_header(text.substr(0, end)));
  begin_ += end + kEnd.size();
  return {};
}

Result<std::optional<std::string>> FrameParser::next() {
  if (!broken_ && !body_bytes_) {
    const auto read = read_header();
    if (!read) {
      broken_ = true;
      return read.error();
    }
  }
  if (broken_) return broken("an earlier one was");
  if (!body_bytes_ || buffer_.size() - begin_ < *body_bytes_) return std::optional<std::string>();
  std::string message = buffer_.substr(begin_, *body_bytes_);
  begin_ += *body_bytes_;
  body_bytes_.reset();
  return std::optional<std::string>(std::move(message));
}

std::string framed(std::string_view message) {
  std::string out = "Content-Length: " + std::to_string(message.size()) + "\r\n\r\n";
  out += message;
  return out;
}

void wipe_text(std::string& text) {
  wipe(std::as_writable_bytes(std::span(text.data(), text.size())));
  text.clear();
}

}  // namespace mikura
