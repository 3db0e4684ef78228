// With MUST_NOT_COMPILE defined each marked line must be refused, in the words after the mark,
// which hold for g++ and clang; without it the file must compile. check.py runs the compiler and
// compares.

#include <ostream>
#include <string>
#include <utility>

#include "base/id.h"
#include "base/result.h"
#include "crypto/secret_key.h"

namespace mikura {
namespace {

[[maybe_unused]] void take_epoch_key(EpochKey) {}
[[maybe_unused]] void borrow_epoch_key(const EpochKey&) {}
[[maybe_unused]] void take_blob_id(const BlobId&) {}
[[maybe_unused]] Result<void> fallible() {
  return {};
}

[[maybe_unused]] void what_must_compile(std::ostream& out) {
  const ByteArray<32> bytes{};
  NameKey name{bytes};
  NameKey moved = std::move(name);
  NameKey second = moved.duplicate();
  second = std::move(moved);
  take_epoch_key(EpochKey(second.expose()));
  borrow_epoch_key(EpochKey(bytes));
  take_blob_id(BlobId(bytes));
  SecretBytes text(second.expose());
  SecretBytes other = std::move(text);
  out << as_text(other.expose()).size();
  if (!fallible()) return;
}

#ifdef MUST_NOT_COMPILE
// clang-format off
void what_must_not(std::ostream& out, NameKey& a, NameKey& b, SecretBytes& text, SecretBytes& other,
                   const ByteArray<31>& short_bytes, const Sha256Digest& digest) {
  { NameKey copied = a; }                        // refused: deleted
  a = b;                                         // refused: deleted
  { const bool same = a == b; }                  // refused: deleted
  { const bool before = a < b; }                 // refused: operator<|invalid operands
  { EpochKey other_purpose = std::move(a); }     // refused: EpochKey
  { EpochKey other_purpose(a); }                 // refused: EpochKey|no matching (function|constructor)
  take_epoch_key(std::move(a));                  // refused: EpochKey|no matching function
  borrow_epoch_key(a);                           // refused: EpochKey|no matching function
  out << a;                                      // refused: operator<<|invalid operands
  { const std::string shown(a); }                // refused: string
  { const std::string_view shown = a; }          // refused: string_view
  if (a) return;                                 // refused: bool
  { NameKey made{short_bytes}; }                 // refused: NameKey|SecretKey
  { SecretBytes copied = text; }                 // refused: deleted
  text = other;                                  // refused: deleted
  { const bool same = text == other; }           // refused: operator==|invalid operands
  out << text;                                   // refused: operator<<|invalid operands
  { const std::string shown(text); }             // refused: string
  take_blob_id(digest);                          // refused: BlobId|no matching function
  { const bool same = BlobId() == digest; }      // refused: operator==|invalid operands
  fallible();                                    // refused: nodiscard
}
// clang-format on
#endif

}  // namespace
}  // namespace mikura
