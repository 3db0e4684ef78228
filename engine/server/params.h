// ParamReader: typed reading of a call's parameters. Pure.
//
// Members that are missing or null give the fallback where there is one. The first thing that is
// wrong is remembered and what is read after it means nothing: the caller asks done() at the end.
// Unknown members are ignored. The parameters must outlive the reader.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/json.h"

namespace mikura {

// No text of a parameter is longer; no list has more items.
inline constexpr std::size_t kMaxParamTextBytes = 64 * 1024;
inline constexpr std::size_t kMaxParamItems = 200'000;

class ParamReader {
 public:
  explicit ParamReader(const Json& params) : params_(params) {}

  bool has(const char* name) const { return find(name) != nullptr; }

  std::string text(const char* name);
  std::string text_or(const char* name, std::string fallback);
  bool flag_or(const char* name, bool fallback);
  std::int64_t number(const char* name, std::int64_t min, std::int64_t max);
  std::int64_t number_or(const char* name, std::int64_t fallback, std::int64_t min,
                         std::int64_t max);
  // An absolute path of this machine.
  std::string absolute_path(const char* name);
  // A path inside a folder, as an index has it; and a list of them, empty if it is missing.
  std::string index_path(const char* name);
  std::vector<std::string> index_paths(const char* name);
  // Another reader for an object inside; an empty object if it is missing. Its errors are taken
  // over by take_error().
  ParamReader object(const char* name);
  void take_error(const ParamReader& inner);

  // One of a few words.
  template <class Value, std::size_t N>
  Value choice(const char* name, const std::pair<std::string_view, Value> (&words)[N]) {
    const std::string word = text(name);
    for (const auto& [known, value] : words) {
      if (known == word) return value;
    }
    fail(name, "is none of the words that are known");
    return words[0].second;
  }

  void fail(const char* name, std::string_view why);
  // Code::invalid if something was wrong.
  Result<void> done() const;

 private:
  const Json* find(const char* name) const;
  std::string checked_text(const char* name, const Json& value);
  std::string checked_index_path(const char* name, const Json& value);

  const Json& params_;
  std::optional<Error> error_;
};

}  // namespace mikura
