#include "format/keyring.h"

#include <gtest/gtest.h>

#include "format/format_test_values.h"

namespace mikura {
namespace {

const RepositoryId kRepository = filled_id<RepositoryId>(0x11);

KeySource key(unsigned char value) {
  ByteArray<32> bytes;
  bytes.fill(static_cast<std::byte>(value));
  return KeySource::key(UserKey(bytes));
}

KeySource passphrase(std::string_view text) {
  return KeySource::passphrase(SecretBytes(as_bytes(text)));
}

Bytes slot_for(const KeySource& source) {
  CountingRandom random;
  return *seal_keyring(sample_keyring(), kRepository, kSampleSlot, source, quick_password(),
                       random);
}

TEST(Keyring, OpensWithItsKeyAndHoldsTheSameKeys) {
  const Keyring before = sample_keyring();
  const auto after = open_keyring(slot_for(key(1)), kRepository, kSampleSlot, key(1));
  ASSERT_TRUE(after) << after.error().message();
  EXPECT_TRUE(equal_constant_time(after->name_key.expose(), before.name_key.expose()));
  EXPECT_TRUE(equal_constant_time(after->chunk_key.expose(), before.chunk_key.expose()));
  EXPECT_TRUE(equal_constant_time(after->epoch_key(1)->expose(), before.epoch_key(1)->expose()));
  EXPECT_EQ(after->repository_sha256, before.repository_sha256);
  EXPECT_EQ(after->epoch_key(2), nullptr);
}

TEST(Keyring, OpensWithItsPassphraseOnly) {
  const Bytes slot = slot_for(passphrase("correct horse battery"));
  EXPECT_TRUE(open_keyring(slot, kRepository, kSampleSlot, passphrase("correct horse battery")));
  EXPECT_TRUE(open_keyring(slot, kRepository, kSampleSlot, passphrase("correct horse batterx"))
                  .failed_with(Code::wrong_key));
  EXPECT_TRUE(open_keyring(slot, kRepository, kSampleSlot, key(1)).failed_with(Code::wrong_key));
  EXPECT_EQ(*slot_kind(slot), SlotKind::passphrase);
}

TEST(Keyring, AWrongKeyIsToldFromADamagedSlot) {
  const Bytes slot = slot_for(key(1));
  EXPECT_TRUE(open_keyring(slot, kRepository, kSampleSlot, key(2)).failed_with(Code::wrong_key));
  for (std::size_t i = 0; i < slot.size(); ++i) {
    Bytes bad = slot;
    bad[i] ^= std::byte{0x40};
    EXPECT_TRUE(open_keyring(bad, kRepository, kSampleSlot, key(1)).failed_with(Code::corrupt))
        << i;
  }
}

TEST(Keyring, ASlotBelongsToItsNameAndRepository) {
  const Bytes slot = slot_for(key(1));
  EXPECT_FALSE(open_keyring(slot, kRepository, "keys/user-99999999", key(1)));
  EXPECT_FALSE(open_keyring(slot, filled_id<RepositoryId>(0x12), kSampleSlot, key(1)));
}

// A hostile store may ask for any amount of memory or none at all (the trailer is no secret, so it
// can be made to fit).
TEST(Keyring, PasswordParametersOutsideTheRangeAreRefusedBeforeTheyAreUsed) {
  const Bytes slot = slot_for(passphrase("correct horse battery"));
  for (const std::uint32_t memory_kib : {8U, 64U * 1024 * 1024}) {
    Bytes bad(slot.begin(), slot.end() - 32);
    for (unsigned i = 0; i < 4; ++i)
      bad[6 + i] = static_cast<std::byte>((memory_kib >> (8 * i)) & 0xff);
    const Sha256Digest trailer = sha256(bad);
    append(bad, trailer.bytes());
    EXPECT_TRUE(open_keyring(bad, kRepository, kSampleSlot, passphrase("correct horse battery"))
                    .failed_with(Code::corrupt));
  }
}

TEST(Repository, RoundTripsAndNoticesEveryChangedByte) {
  const RepositoryConfig config = sample_repository();
  const Bytes bytes = encode_repository(config);
  EXPECT_EQ(*decode_repository(bytes), config);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes bad = bytes;
    bad[i] ^= std::byte{0x10};
    EXPECT_TRUE(decode_repository(bad).failed_with(Code::corrupt)) << i;
  }
}

TEST(Repository, SomethingElseIsNotARepository) {
  Bytes other = to_bytes("just some text that somebody stored there under that name");
  const Sha256Digest trailer = sha256(other);
  append(other, trailer.bytes());
  EXPECT_TRUE(decode_repository(other).failed_with(Code::invalid));
}

}  // namespace
}  // namespace mikura
