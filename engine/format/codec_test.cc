#include "format/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace mikura {
namespace {

Bytes bytes_of(std::initializer_list<int> values) {
  Bytes out;
  for (const int value : values)
    out.push_back(static_cast<std::byte>(value));
  return out;
}

TEST(Codec, NumbersAreLittleEndian) {
  Writer writer;
  writer.u16(0x0102);
  writer.u32(0x03040506);
  writer.u64(0x0708090a0b0c0d0eULL);
  EXPECT_EQ(to_hex(writer.bytes()),
            "020106050403"
            "0e0d0c0b0a090807");
}

TEST(Codec, VarintsHaveOneSpellingOnly) {
  for (const Bytes& input :
       {bytes_of({0x80, 0x00}), bytes_of({0xff, 0x80, 0x00}),
        bytes_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02})}) {
    Reader reader(input, "test");
    reader.varint();
    EXPECT_FALSE(reader.finish());
  }
}

RC_GTEST_PROP(Codec, VarintsRoundTrip, (std::uint64_t value)) {
  Writer writer;
  writer.varint(value);
  Reader reader(writer.bytes(), "test");
  RC_ASSERT(reader.varint() == value);
  RC_ASSERT(bool(reader.finish()));
}

TEST(Codec, ALengthBeyondTheInputFailsBeforeAnythingIsAllocated) {
  Writer writer;
  writer.varint(1ULL << 40);
  Reader reader(writer.bytes(), "test");
  EXPECT_TRUE(reader.text(SIZE_MAX).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(Codec, TheFirstFailureStaysAndLaterReadsGiveZero) {
  Reader reader(bytes_of({1}), "thing");
  reader.u32();
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_EQ(reader.finish().error().message(), "thing is damaged: it ends too early");
}

TEST(Codec, LeftOverBytesAreAnError) {
  const Bytes input = bytes_of({1, 2});
  Reader reader(input, "thing");
  reader.u8();
  EXPECT_TRUE(reader.finish().failed_with(Code::corrupt));
}

}  // namespace
}  // namespace mikura
