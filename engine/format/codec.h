// Writer and Reader: the primitive encodings of docs/format.md ("Primitives"), bounded.
//
// Fixed-size integers are little-endian; lengths and counts are canonical LEB128 varints; a text or
// byte string is a varint length and its bytes. A Reader never allocates by an unchecked length:
// every variable-length read names its maximum, and a length beyond the remaining input fails
// first. Errors are sticky: after the first failure all reads return zero values and finish()
// reports Code::corrupt. Pure; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mikura {

class Writer {
 public:
  // Room for `size_bytes` more: for speed, and for secrets, which must not be left behind in freed
  // memory.
  void reserve(std::size_t size_bytes) { out_.reserve(out_.size() + size_bytes); }

  void u8(std::uint8_t value);
  void u16(std::uint16_t value);
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void i64(std::int64_t value);
  void varint(std::uint64_t value);
  void raw(ByteSpan bytes);
  void text(std::string_view value);  // varint length + bytes

  template <class IdType>
  void id(const IdType& value) {
    raw(value.bytes());
  }

  const Bytes& bytes() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  Bytes out_;
};

class Reader {
 public:
  // `what` names the structure in errors ("index", "HEAD"). The input must outlive the reader.
  Reader(ByteSpan input, std::string_view what) : input_(input), what_(what) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::int64_t i64();
  // Canonical: no redundant trailing group, at most 64 bits.
  std::uint64_t varint();
  // A varint that must be <= max.
  std::uint64_t varint_max(std::uint64_t max);
  // Borrowed from the input.
  ByteSpan raw(std::size_t size);
  std::string_view text(std::size_t max_size);  // any bytes
  std::string_view utf8(std::size_t max_size);  // fails if not valid UTF-8

  template <class IdType>
  IdType id() {
    IdType out;
    const ByteSpan bytes = raw(IdType::kSize);
    if (bytes.size() == IdType::kSize)
      std::copy(bytes.begin(), bytes.end(), out.mutable_bytes().begin());
    return out;
  }

  // Marks the input as bad: `why` says which rule it breaks.
  void fail(std::string_view why);
  bool ok() const { return failure_.empty(); }
  std::size_t remaining() const { return input_.size(); }

  // Success only if nothing failed and all input was used; else Code::corrupt "<what>: <why>".
  Result<void> finish();

 private:
  ByteSpan input_;
  std::string what_;
  std::string failure_;
};

}  // namespace mikura
