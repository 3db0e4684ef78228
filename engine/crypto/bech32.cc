#include "crypto/bech32.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/check.h"
#include "crypto/secret_key.h"

namespace mikura {
namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksumSize = 6;

// BIP 173, "Checksum": the BCH code over the expanded prefix and the five-bit groups.
std::uint32_t step(std::uint32_t state, std::uint8_t value) {
  static constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                              0x3d4233dd, 0x2a1462b3};
  const std::uint32_t top = state >> 25;
  state = ((state & 0x1ffffff) << 5) ^ value;
  for (unsigned i = 0; i < kGenerator.size(); ++i) {
    if (((top >> i) & 1) != 0) state ^= kGenerator[i];
  }
  return state;
}

std::uint32_t start(std::string_view prefix) {
  std::uint32_t state = 1;
  for (const char c : prefix)
    state = step(state, static_cast<std::uint8_t>(static_cast<unsigned char>(c) >> 5));
  state = step(state, 0);
  for (const char c : prefix)
    state = step(state, static_cast<std::uint8_t>(c & 31));
  return state;
}

Error bad(std::string_view why) {
  return Error(Code::invalid, "the text is not valid Bech32: " + std::string(why));
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_visible(char c) {
  return c >= 33 && c <= 126;
}

// The five-bit groups of a data part, which may be those of a key: they wipe themselves.
struct Groups {
  explicit Groups(std::size_t count) { values.reserve(count); }
  ~Groups() { wipe(std::as_writable_bytes(std::span(values))); }
  Groups(const Groups&) = delete;
  Groups& operator=(const Groups&) = delete;

  // False at a character outside the alphabet.
  bool read(std::string_view text) {
    for (const char c : text) {
      const auto at = kAlphabet.find(lower(c));
      if (at == std::string_view::npos) return false;
      values.push_back(static_cast<std::uint8_t>(at));
    }
    return true;
  }

  std::vector<std::uint8_t> values;
};

Result<Bytes> join(std::span<const std::uint8_t> groups) {
  Bytes out;
  out.reserve(groups.size() * 5 / 8);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const std::uint8_t group : groups) {
    pending = ((pending << 5) | group) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<std::byte>((pending >> bits) & 0xff));
  }
  if (bits >= 5 || (pending & ((1U << bits) - 1)) != 0) {
    wipe(out);
    return bad("the padding is wrong");
  }
  return out;
}

}  // namespace

std::string bech32_encode(std::string_view prefix, ByteSpan data) {
  CHECK(!prefix.empty() && std::all_of(prefix.begin(), prefix.end(),
                                       [](char c) { return is_visible(c) && c == lower(c); }));
  std::string out(prefix);
  // At once: a string that grows leaves copies of its secret behind.
  out.reserve(prefix.size() + 1 + data.size() * 8 / 5 + 1 + kChecksumSize);
  out.push_back('1');
  std::uint32_t state = start(prefix);
  const auto emit = [&](std::uint32_t group) {
    state = step(state, static_cast<std::uint8_t>(group & 31));
    out.push_back(kAlphabet[group & 31]);
  };
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const std::byte b : data) {
    pending = ((pending << 8) | std::to_integer<std::uint32_t>(b)) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5)
      emit(pending >> (bits - 5));
  }
  if (bits > 0) emit(pending << (5 - bits));
  for (std::size_t i = 0; i < kChecksumSize; ++i)
    state = step(state, 0);
  state ^= 1;
  for (std::size_t i = 0; i < kChecksumSize; ++i)
    out.push_back(kAlphabet[(state >> (5 * (5 - i))) & 31]);
  return out;
}

Result<Bytes> bech32_decode(std::string_view prefix, std::string_view text) {
  // BIP 173 allows the visible characters of ASCII in a prefix; a data character is checked below.
  if (!std::all_of(text.begin(), text.end(), is_visible))
    return bad("a character does not belong there");
  const bool has_lower =
      std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  const bool has_upper =
      std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (has_lower && has_upper) return bad("upper and lower case are mixed");
  const std::size_t separator = text.rfind('1');
  if (separator == std::string_view::npos || separator == 0) {
    return bad("it does not start as it should");
  }
  const std::string_view shown = text.substr(0, separator);
  const std::string_view data = text.substr(separator + 1);
  if (!std::equal(prefix.begin(), prefix.end(), shown.begin(), shown.end(),
                  [](char a, char b) { return a == lower(b); })) {
    return bad("it does not start as it should");
  }
  if (data.size() < kChecksumSize) return bad("it is too short");
  Groups groups(data.size());
  if (!groups.read(data)) return bad("a character does not belong there");
  std::uint32_t state = start(prefix);
  for (const std::uint8_t group : groups.values)
    state = step(state, group);
  if (state != 1) return bad("the checksum does not fit; a character is missing or wrong");
  return join(std::span(groups.values).first(data.size() - kChecksumSize));
}

}  // namespace mikura
