#include "format/keyring.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "format/codec.h"
#include "format/format_test_values.h"
#include "format/keyring_codec.h"

namespace mikura {
namespace {

const RepositoryId kRepository = filled_id<RepositoryId>(0x11);

ByteArray<32> filled_key(unsigned char value) {
  ByteArray<32> bytes;
  bytes.fill(static_cast<std::byte>(value));
  return bytes;
}

KeySource key(unsigned char value) {
  return KeySource::key(UserKey(filled_key(value)));
}

KeySource passphrase(std::string_view text) {
  return KeySource::passphrase(SecretBytes(as_bytes(text)));
}

Bytes slot_for(const KeySource& source, std::string_view name = kSampleSlot) {
  CountingRandom random;
  return *seal_keyring(sample_keyring(), kRepository, name, source, quick_password(), random);
}

// The trailer is no secret: whoever changes a slot on purpose makes it fit.
Bytes with_trailer_made_right(Bytes slot) {
  slot.resize(slot.size() - 32);
  append(slot, sha256(slot).bytes());
  return slot;
}

Keyring keyring_with_epochs(std::uint32_t count) {
  Keyring keyring = sample_keyring();
  for (std::uint32_t epoch = 2; epoch <= count; ++epoch) {
    keyring.epochs.emplace(epoch, EpochKey(filled_key(static_cast<unsigned char>(epoch))));
  }
  keyring.current_epoch = count;
  return keyring;
}

void expect_same(const Keyring& a, const Keyring& b) {
  EXPECT_TRUE(equal_constant_time(a.name_key.expose(), b.name_key.expose()));
  EXPECT_TRUE(equal_constant_time(a.chunk_key.expose(), b.chunk_key.expose()));
  EXPECT_EQ(a.repository_sha256, b.repository_sha256);
  EXPECT_EQ(a.min_format, b.min_format);
  EXPECT_EQ(a.created_unix_ms, b.created_unix_ms);
  EXPECT_EQ(a.current_epoch, b.current_epoch);
  ASSERT_EQ(a.epochs.size(), b.epochs.size());
  for (const auto& [epoch, secret] : a.epochs) {
    ASSERT_NE(b.epoch_key(epoch), nullptr);
    EXPECT_TRUE(equal_constant_time(secret.expose(), b.epoch_key(epoch)->expose()));
  }
}

TEST(Keyring, OpensWithItsKeyAndHoldsTheSameKeys) {
  const auto opened = open_keyring(slot_for(key(1)), kRepository, kSampleSlot, key(1));
  ASSERT_TRUE(opened) << opened.error().message();
  expect_same(*opened, sample_keyring());
  EXPECT_EQ(opened->epoch_key(2), nullptr);
}

TEST(Keyring, AFreshOneHoldsThreeDifferentKeysAndOneEpoch) {
  const Keyring fresh = make_keyring(Sha256Digest(), 1, system_random());
  EXPECT_EQ(fresh.current_epoch, 1U);
  ASSERT_NE(fresh.epoch_key(1), nullptr);
  EXPECT_FALSE(equal_constant_time(fresh.name_key.expose(), fresh.chunk_key.expose()));
  EXPECT_FALSE(equal_constant_time(fresh.name_key.expose(), fresh.epoch_key(1)->expose()));
}

TEST(Keyring, AsManyEpochsAsThereMayBeFitIntoASlot) {
  const Keyring keyring = keyring_with_epochs(1024);
  CountingRandom random;
  const auto slot = seal_keyring(keyring, kRepository, kSampleSlot, key(1), {}, random);
  ASSERT_TRUE(slot);
  EXPECT_LE(slot->size(), kMaxSlotBytes);
  const auto opened = open_keyring(*slot, kRepository, kSampleSlot, key(1));
  ASSERT_TRUE(opened) << opened.error().message();
  expect_same(*opened, keyring);
}

TEST(Keyring, OpensWithItsPassphraseOnly) {
  const Bytes slot = slot_for(passphrase("correct horse battery"));
  EXPECT_TRUE(open_keyring(slot, kRepository, kSampleSlot, passphrase("correct horse battery")));
  EXPECT_TRUE(open_keyring(slot, kRepository, kSampleSlot, passphrase("correct horse batterx"))
                  .failed_with(Code::wrong_key));
}

TEST(Keyring, TheOtherKindOfSecretIsAWrongKeyAndSaysWhichIsWanted) {
  const Bytes locked = slot_for(passphrase("correct horse battery"));
  EXPECT_EQ(*slot_kind(locked), SlotKind::passphrase);
  auto opened = open_keyring(locked, kRepository, kSampleSlot, key(1));
  ASSERT_TRUE(opened.failed_with(Code::wrong_key));
  EXPECT_NE(opened.error().hint().find("passphrase"), std::string::npos);

  const Bytes keyed = slot_for(key(1));
  EXPECT_EQ(*slot_kind(keyed), SlotKind::key_file);
  opened = open_keyring(keyed, kRepository, kSampleSlot, passphrase("x"));
  ASSERT_TRUE(opened.failed_with(Code::wrong_key));
  EXPECT_NE(opened.error().hint().find("MIKURA-KEY-1"), std::string::npos);
}

TEST(Keyring, AWrongKeyIsToldFromADamagedSlot) {
  const Bytes slot = slot_for(key(1));
  EXPECT_TRUE(open_keyring(slot, kRepository, kSampleSlot, key(2)).failed_with(Code::wrong_key));
  for (std::size_t bit = 0; bit < slot.size() * 8; ++bit) {
    Bytes bad = slot;
    bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    ASSERT_TRUE(open_keyring(bad, kRepository, kSampleSlot, key(1)).failed_with(Code::corrupt))
        << bit;
    ASSERT_TRUE(slot_kind(bad).failed_with(Code::corrupt)) << bit;
  }
  for (std::size_t size = 0; size < slot.size(); ++size) {
    ASSERT_TRUE(open_keyring(std::span(slot).first(size), kRepository, kSampleSlot, key(1))
                    .failed_with(Code::corrupt));
  }
}

TEST(Keyring, ASlotChangedOnPurposeDoesNotOpen) {
  const Bytes slot = slot_for(key(1));
  for (std::size_t bit = 0; bit < (slot.size() - 32) * 8; ++bit) {
    Bytes bad = slot;
    bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    ASSERT_FALSE(open_keyring(with_trailer_made_right(bad), kRepository, kSampleSlot, key(1)))
        << bit;
  }
}

TEST(Keyring, ASlotBelongsToItsNameAndRepository) {
  const Bytes slot = slot_for(key(1));
  EXPECT_FALSE(open_keyring(slot, kRepository, "keys/user-99999999", key(1)));
  EXPECT_FALSE(open_keyring(slot, filled_id<RepositoryId>(0x12), kSampleSlot, key(1)));
}

// The keyring of one slot under the header of another, both by the same user.
TEST(Keyring, SealedKeyringsCannotBeExchangedBetweenSlots) {
  const Bytes a = slot_for(key(1), "keys/a");
  const Bytes b = slot_for(key(1), "keys/b");
  ASSERT_EQ(a.size(), b.size());
  constexpr std::size_t kHeader = 4 + 1 + 1 + 16;
  Bytes mixed = to_bytes(std::span(a).first(kHeader));
  append(mixed, std::span(b).subspan(kHeader));
  EXPECT_TRUE(open_keyring(with_trailer_made_right(mixed), kRepository, "keys/a", key(1))
                  .failed_with(Code::corrupt));
}

TEST(Keyring, EverySealingIsFresh) {
  CountingRandom random;
  const auto a = seal_keyring(sample_keyring(), kRepository, kSampleSlot, key(1), {}, random);
  const auto b = seal_keyring(sample_keyring(), kRepository, kSampleSlot, key(1), {}, random);
  EXPECT_NE(*a, *b);
}

TEST(Keyring, NoKeyIsVisibleInASlot) {
  const Bytes slot = slot_for(key(1));
  const Keyring keyring = sample_keyring();
  const ByteArray<32> user_key = filled_key(1);
  for (const ByteSpan secret :
       {ByteSpan(keyring.name_key.expose()), ByteSpan(keyring.chunk_key.expose()),
        ByteSpan(keyring.epoch_key(1)->expose()), ByteSpan(user_key)}) {
    EXPECT_TRUE(std::ranges::search(slot, secret.first(8)).empty());
  }
}

// A hostile store may ask for any amount of memory, or for next to none.
TEST(Keyring, PasswordParametersOutsideTheRangeAreRefusedBeforeTheyAreUsed) {
  const Bytes slot = slot_for(passphrase("correct horse battery"));
  const auto with = [&](std::uint32_t memory_kib, std::uint32_t passes) {
    Bytes bad = slot;
    for (unsigned i = 0; i < 4; ++i) {
      bad[6 + i] = static_cast<std::byte>((memory_kib >> (8 * i)) & 0xff);
      bad[10 + i] = static_cast<std::byte>((passes >> (8 * i)) & 0xff);
    }
    return open_keyring(with_trailer_made_right(bad), kRepository, kSampleSlot,
                        passphrase("correct horse battery"));
  };
  EXPECT_TRUE(with(64 * 1024, 1));
  EXPECT_TRUE(with(64 * 1024, 2).failed_with(Code::wrong_key))
      << "the parameters are part of the derivation";
  for (const auto& [memory_kib, passes] :
       std::initializer_list<std::pair<std::uint32_t, std::uint32_t>>{{8, 1},
                                                                      {64 * 1024 - 1, 1},
                                                                      {1024 * 1024 + 1, 1},
                                                                      {UINT32_MAX, 1},
                                                                      {64 * 1024, 0},
                                                                      {64 * 1024, 11},
                                                                      {64 * 1024, UINT32_MAX}}) {
    EXPECT_TRUE(with(memory_kib, passes).failed_with(Code::corrupt)) << memory_kib << " " << passes;
  }
  CountingRandom random;
  PasswordParameters weak = quick_password();
  weak.memory_kib = 8;
  EXPECT_FALSE(
      seal_keyring(sample_keyring(), kRepository, kSampleSlot, passphrase("x"), weak, random));
}

TEST(Keyring, NewerSlotsAreUnsupportedNotDamaged) {
  const auto with = [&](std::size_t at, int value) {
    Bytes slot = slot_for(key(1));
    slot[at] = static_cast<std::byte>(value);
    return open_keyring(with_trailer_made_right(slot), kRepository, kSampleSlot, key(1));
  };
  EXPECT_TRUE(with(4, 2).failed_with(Code::unsupported)) << "format";
  EXPECT_TRUE(with(5, 3).failed_with(Code::unsupported)) << "kind";
  EXPECT_TRUE(with(4, 0).failed_with(Code::corrupt));
  EXPECT_TRUE(with(5, 0).failed_with(Code::corrupt));
  EXPECT_EQ(with(5, 3).error().hint(), "Update Mikura.");
}

TEST(Keyring, ASlotLargerThanItsLimitIsRefused) {
  Bytes large(kMaxSlotBytes);
  append(large, sha256(large).bytes());
  EXPECT_TRUE(open_keyring(large, kRepository, kSampleSlot, key(1)).failed_with(Code::corrupt));
}

// What a keyring looks like inside: written here once more, without the encoder's checks.
struct RawEpoch {
  std::uint32_t epoch;
  unsigned char fill;
};

Bytes raw_keyring(std::uint8_t format, std::uint32_t min_format, std::uint32_t current,
                  const std::vector<RawEpoch>& epochs) {
  Writer writer;
  writer.raw(as_bytes("MKKR"));
  writer.u8(format);
  writer.u32(min_format);
  writer.id(sha256(as_bytes("repository")));
  writer.i64(1'700'000'000'000);
  writer.raw(filled_key(0xa0));
  writer.raw(filled_key(0xb0));
  writer.u32(current);
  writer.varint(epochs.size());
  for (const RawEpoch& epoch : epochs) {
    writer.u32(epoch.epoch);
    writer.raw(filled_key(epoch.fill));
  }
  return writer.take();
}

TEST(KeyringPlaintext, IsReadAndWrittenAsTheDocumentSays) {
  const Bytes bytes = raw_keyring(1, 1, 7, {{3, 0xc3}, {7, 0xc7}});
  const auto keyring = decode_keyring(bytes);
  ASSERT_TRUE(keyring) << keyring.error().message();
  EXPECT_EQ(keyring->current_epoch, 7U);
  EXPECT_TRUE(equal_constant_time(keyring->epoch_key(3)->expose(), filled_key(0xc3)));
  EXPECT_TRUE(std::ranges::equal(encode_keyring(*keyring).expose(), bytes));
}

TEST(KeyringPlaintext, EpochsAreInOrderWithoutZeroAndHoldTheCurrentOne) {
  for (const Bytes& bytes :
       {raw_keyring(1, 1, 1, {{2, 0}, {1, 0}}), raw_keyring(1, 1, 1, {{1, 0}, {1, 1}}),
        raw_keyring(1, 1, 1, {{0, 0}, {1, 0}}), raw_keyring(1, 1, 2, {{1, 0}}),
        raw_keyring(1, 1, 0, {{0, 0}}), raw_keyring(1, 1, 1, {})}) {
    EXPECT_TRUE(decode_keyring(bytes).failed_with(Code::corrupt));
  }
}

TEST(KeyringPlaintext, ANewerFormatIsUnsupported) {
  EXPECT_TRUE(decode_keyring(raw_keyring(2, 1, 1, {{1, 0}})).failed_with(Code::unsupported));
  EXPECT_TRUE(decode_keyring(raw_keyring(1, 2, 1, {{1, 0}})).failed_with(Code::unsupported));
  EXPECT_TRUE(decode_keyring(raw_keyring(0, 1, 1, {{1, 0}})).failed_with(Code::corrupt));
  EXPECT_TRUE(decode_keyring(raw_keyring(1, 0, 1, {{1, 0}})).failed_with(Code::corrupt));
}

TEST(KeyringPlaintext, MoreEpochsThanThereMayBeAreRefused) {
  std::vector<RawEpoch> epochs;
  for (std::uint32_t epoch = 1; epoch <= 1025; ++epoch)
    epochs.push_back({epoch, 1});
  EXPECT_TRUE(decode_keyring(raw_keyring(1, 1, 1, epochs)).failed_with(Code::corrupt));
  epochs.pop_back();
  EXPECT_TRUE(decode_keyring(raw_keyring(1, 1, 1, epochs)));
}

TEST(KeyringPlaintext, EveryTruncationAndExtensionIsRefused) {
  Bytes bytes = raw_keyring(1, 1, 7, {{3, 0xc3}, {7, 0xc7}});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_keyring(std::span(bytes).first(size))) << size;
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decode_keyring(bytes));
}

RC_GTEST_PROP(KeyringPlaintext, RoundTrips,
              (const std::vector<std::uint16_t>& steps, std::int64_t created)) {
  CountingRandom random("property");
  Keyring keyring = make_keyring(sha256(as_bytes("r")), created, random);
  std::uint32_t epoch = 1;
  for (const std::uint16_t step : steps) {
    epoch += 1U + step;
    keyring.epochs.emplace(epoch, EpochKey(filled_key(static_cast<unsigned char>(step))));
  }
  keyring.current_epoch = epoch;
  const SecretBytes bytes = encode_keyring(keyring);
  const auto decoded = decode_keyring(bytes.expose());
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(std::ranges::equal(encode_keyring(*decoded).expose(), bytes.expose()));
}

}  // namespace
}  // namespace mikura
