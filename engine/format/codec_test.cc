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

TEST(Codec, VarintsTakeSevenBitsAByteLowestFirst) {
  const std::pair<std::uint64_t, std::string_view> known[] = {
      {0, "00"},     {1, "01"},       {127, "7f"},       {128, "8001"},
      {300, "ac02"}, {16383, "ff7f"}, {16384, "808001"}, {UINT64_MAX, "ffffffffffffffffff01"}};
  for (const auto& [value, hex] : known) {
    Writer writer;
    writer.varint(value);
    EXPECT_EQ(to_hex(writer.bytes()), hex);
  }
}

TEST(Codec, ANumberAboveItsLimitFailsAndIsNotReturned) {
  Writer writer;
  writer.varint(11);
  Reader reader(writer.bytes(), "test");
  EXPECT_EQ(reader.varint_max(10), 0U);
  EXPECT_FALSE(reader.ok());
}

TEST(Codec, TextsAreCheckedForUtf8WhereItMatters) {
  Writer writer;
  writer.text("\xff");
  Reader any(writer.bytes(), "test");
  EXPECT_EQ(any.text(1), "\xff");
  Reader strict(writer.bytes(), "test");
  EXPECT_EQ(strict.utf8(1), "");
  EXPECT_TRUE(strict.finish().failed_with(Code::corrupt));
}

// Any sequence of writes is read back by the same sequence of reads, and by no prefix of the bytes.
RC_GTEST_PROP(Codec, SequencesRoundTrip,
              (const std::vector<std::tuple<std::uint8_t, std::uint64_t, std::string>>& items)) {
  Writer writer;
  for (const auto& [kind, number, text] : items) {
    switch (kind % 6) {
      case 0:
        writer.u8(static_cast<std::uint8_t>(number));
        break;
      case 1:
        writer.u16(static_cast<std::uint16_t>(number));
        break;
      case 2:
        writer.u32(static_cast<std::uint32_t>(number));
        break;
      case 3:
        writer.i64(static_cast<std::int64_t>(number));
        break;
      case 4:
        writer.varint(number);
        break;
      default:
        writer.text(text);
        break;
    }
  }
  const auto read = [&](ByteSpan bytes) {
    Reader reader(bytes, "test");
    bool same = true;
    for (const auto& [kind, number, text] : items) {
      switch (kind % 6) {
        case 0:
          same = same && reader.u8() == static_cast<std::uint8_t>(number);
          break;
        case 1:
          same = same && reader.u16() == static_cast<std::uint16_t>(number);
          break;
        case 2:
          same = same && reader.u32() == static_cast<std::uint32_t>(number);
          break;
        case 3:
          same = same && reader.i64() == static_cast<std::int64_t>(number);
          break;
        case 4:
          same = same && reader.varint() == number;
          break;
        default:
          same = same && reader.text(text.size()) == text;
          break;
      }
    }
    return same && reader.finish().has_value();
  };
  RC_ASSERT(read(writer.bytes()));
  if (!writer.bytes().empty())
    RC_ASSERT(!read(std::span(writer.bytes()).first(writer.bytes().size() - 1)));
}

}  // namespace
}  // namespace mikura
