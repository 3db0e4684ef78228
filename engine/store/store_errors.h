// The errors that every implementation of BlobStore gives in the same words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mikura {

inline Error object_not_found(std::string_view name) {
  return {Code::not_found, "the store has no object " + std::string(name)};
}

inline Error object_exists(std::string_view name) {
  return {Code::already_exists, "the store already has an object " + std::string(name)};
}

inline Error object_changed(std::string_view name) {
  return {Code::conflict,
          "the object " + std::string(name) + " is no longer the one that was read"};
}

inline Error object_too_large(std::string_view name, std::uint64_t size_bytes,
                              std::uint64_t max_size_bytes) {
  return {Code::corrupt, "the object " + std::string(name) + " has " + std::to_string(size_bytes) +
                             " bytes, more than the " + std::to_string(max_size_bytes) +
                             " that it can have"};
}

}  // namespace mikura
