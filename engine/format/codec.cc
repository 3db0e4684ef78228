#include "format/codec.h"

#include "base/utf8.h"

namespace mikura {

void Writer::u8(std::uint8_t value) {
  out_.push_back(static_cast<std::byte>(value));
}

void Writer::u16(std::uint16_t value) {
  u8(static_cast<std::uint8_t>(value & 0xff));
  u8(static_cast<std::uint8_t>(value >> 8));
}

void Writer::u32(std::uint32_t value) {
  u16(static_cast<std::uint16_t>(value & 0xffff));
  u16(static_cast<std::uint16_t>(value >> 16));
}

void Writer::u64(std::uint64_t value) {
  u32(static_cast<std::uint32_t>(value & 0xffffffff));
  u32(static_cast<std::uint32_t>(value >> 32));
}

void Writer::i64(std::int64_t value) {
  u64(static_cast<std::uint64_t>(value));
}

void Writer::varint(std::uint64_t value) {
  while (value >= 0x80) {
    u8(static_cast<std::uint8_t>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  u8(static_cast<std::uint8_t>(value));
}

void Writer::raw(ByteSpan bytes) {
  append(out_, bytes);
}

void Writer::text(std::string_view value) {
  varint(value.size());
  raw(as_bytes(value));
}

ByteSpan Reader::raw(std::size_t size) {
  if (!ok()) return {};
  if (size > input_.size()) {
    fail("it ends too early");
    return {};
  }
  const ByteSpan out = input_.first(size);
  input_ = input_.subspan(size);
  return out;
}

std::uint8_t Reader::u8() {
  const ByteSpan bytes = raw(1);
  return bytes.empty() ? 0 : std::to_integer<std::uint8_t>(bytes[0]);
}

std::uint64_t Reader::u64() {
  const ByteSpan bytes = raw(8);
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i - 1]);
  return value;
}

std::uint32_t Reader::u32() {
  const ByteSpan bytes = raw(4);
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[i - 1]);
  return value;
}

std::uint16_t Reader::u16() {
  const unsigned low = u8();
  return static_cast<std::uint16_t>(low | static_cast<unsigned>(u8()) << 8);
}

std::int64_t Reader::i64() {
  return static_cast<std::int64_t>(u64());
}

std::uint64_t Reader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint64_t group = u8();
    if (!ok()) return 0;
    // The tenth byte holds one bit only; a last group of zero would be a second spelling of the
    // same number.
    if ((shift == 63 && group > 1) || (shift > 0 && group == 0)) break;
    value |= (group & 0x7f) << shift;
    if ((group & 0x80) == 0) return value;
  }
  fail("a number is not written in its shortest form");
  return 0;
}

std::uint64_t Reader::varint_max(std::uint64_t max) {
  const std::uint64_t value = varint();
  if (value <= max) return value;
  fail("a number is larger than its limit");
  return 0;
}

std::string_view Reader::text(std::size_t max_size) {
  const std::uint64_t size = varint_max(max_size);
  return as_text(raw(static_cast<std::size_t>(size)));
}

std::string_view Reader::utf8(std::size_t max_size) {
  const std::string_view value = text(max_size);
  if (ok() && !is_valid_utf8(value)) fail("a text is not valid UTF-8");
  return ok() ? value : std::string_view();
}

void Reader::fail(std::string_view why) {
  if (failure_.empty()) failure_ = why;
  input_ = {};
}

Result<void> Reader::finish() {
  if (ok() && !input_.empty()) fail("bytes are left over at its end");
  if (ok()) return {};
  return Error(Code::corrupt, what_ + " is damaged: " + failure_);
}

}  // namespace mikura
