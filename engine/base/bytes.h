// Bytes and ByteSpan: the one owning and the one borrowing type for binary data; and hexadecimal.
//
// Text is std::string_view, binary is ByteSpan; fixed sizes are part of the type
// (std::span<const std::byte, 32>). Thread-safety: plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mikura {

using Bytes = std::vector<std::byte>;
using ByteSpan = std::span<const std::byte>;
using MutableByteSpan = std::span<std::byte>;

template <std::size_t N>
using ByteArray = std::array<std::byte, N>;

// The bytes of a text, borrowed.
inline ByteSpan as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// The text of bytes, borrowed. Makes no claim that it is valid UTF-8.
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteSpan span) {
  return Bytes(span.begin(), span.end());
}
inline Bytes to_bytes(std::string_view text) {
  return to_bytes(as_bytes(text));
}

inline void append(Bytes& out, ByteSpan more) {
  out.insert(out.end(), more.begin(), more.end());
}

// Lower-case hexadecimal, two digits a byte.
std::string to_hex(ByteSpan bytes);

// Decodes lower-case hexadecimal only (names are canonical). nullopt on any other character or an
// odd length.
std::optional<Bytes> from_hex(std::string_view hex);

// Decodes exactly out.size() bytes. False, with `out` unspecified, if `hex` is not exactly that.
bool from_hex(std::string_view hex, MutableByteSpan out);

}  // namespace mikura
