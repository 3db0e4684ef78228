#include "base/utf8.h"

#include <cstdint>

namespace mikura {
namespace {

struct Form {
  unsigned length;      // bytes in the sequence, 0 if the lead byte is invalid
  unsigned second_min;  // allowed range of the second byte (RFC 3629, section 4)
  unsigned second_max;
};

Form form_of(unsigned lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xC2) return {0, 0, 0};
  if (lead < 0xE0) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const Form form = form_of(byte_at(text, i));
    if (form.length == 0 || i + form.length > text.size()) return false;
    for (unsigned k = 1; k < form.length; ++k) {
      const unsigned value = byte_at(text, i + k);
      const unsigned low = k == 1 ? form.second_min : 0x80;
      const unsigned high = k == 1 ? form.second_max : 0xBF;
      if (value < low || value > high) return false;
    }
    i += form.length;
  }
  return true;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && (byte_at(text, end) & 0xC0) == 0x80)
    --end;
  return text.substr(0, end);
}

}  // namespace mikura
