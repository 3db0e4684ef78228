// Test support: the JSON files of test vectors in tests/vectors/crypto, and Project Wycheproof's.
//
// For test programs of this folder only. A broken file throws, which fails the test that reads it.
#pragma once

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/bytes.h"

namespace mikura::vectors {

using Json = nlohmann::json;

inline Json read_json(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  return Json::parse(file);
}

// The cases of one of the project's own files.
inline Json own(const std::string& name) {
  Json tests =
      read_json(std::string(MIKURA_SOURCE_DIR "/tests/vectors/crypto/") + name).at("tests");
  if (tests.empty()) throw std::runtime_error(name + " holds no case");
  return tests;
}

// The groups of a Wycheproof suite; nullopt unless MIKURA_WYCHEPROOF names the folder that holds
// it.
inline std::optional<Json> wycheproof(const std::string& name) {
  const char* const folder = std::getenv("MIKURA_WYCHEPROOF");
  if (folder == nullptr) return std::nullopt;
  return read_json(std::string(folder) + "/" + name).at("testGroups");
}

inline std::string text(const Json& test, const char* field) {
  return test.at(field).get<std::string>();
}

inline Bytes bytes(const Json& test, const char* field) {
  const auto decoded = from_hex(text(test, field));
  if (!decoded) throw std::runtime_error(std::string(field) + " is not hexadecimal");
  return *decoded;
}

}  // namespace mikura::vectors
