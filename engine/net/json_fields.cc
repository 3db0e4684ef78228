#include "net/json_fields.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace mikura {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxTextBytes = 64 << 10;
constexpr std::size_t kMaxLevels = 8;
constexpr std::size_t kMaxMembers = 256;

// Takes the values as the parser finds them, so that no tree of them has to be wiped. Answering
// false ends the parser.
class Collector final : public nlohmann::json_sax<Json> {
 public:
  std::map<std::string, SecretBytes> values;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t value) override { return add(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return add(text); }
  bool binary(binary_t&) override { return true; }
  bool string(string_t& value) override {
    const bool go_on = add(value);
    wipe(std::as_writable_bytes(std::span(value)));
    return go_on;
  }

  bool start_object(std::size_t) override {
    levels_.push_back({levels_.empty() ? "" : name_ + ".", false});
    return levels_.size() <= kMaxLevels;
  }
  bool key(string_t& key) override {
    name_ = levels_.back().prefix + key;
    return true;
  }
  bool end_object() override { return leave(); }
  // A document that begins with an array is no object.
  bool start_array(std::size_t) override {
    if (levels_.empty()) return false;
    levels_.push_back({"", true});
    return levels_.size() <= kMaxLevels;
  }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  struct Level {
    std::string prefix;
    bool is_array;
  };

  bool leave() {
    levels_.pop_back();
    return true;
  }

  bool add(std::string_view value) {
    if (levels_.empty()) return false;  // a bare text or number
    for (const Level& level : levels_) {
      if (level.is_array) return true;
    }
    values.try_emplace(name_, as_bytes(value));
    return values.size() <= kMaxMembers;
  }

  std::vector<Level> levels_;
  std::string name_;
};

}  // namespace

Result<JsonFields> JsonFields::parse(std::string_view text, const std::string& what) {
  if (text.size() > kMaxTextBytes) return Error(Code::invalid, what + " is longer than 64 KiB");
  Collector collector;
  if (!Json::sax_parse(text.begin(), text.end(), &collector))
    return Error(Code::invalid, what + " is not a JSON object");
  JsonFields fields;
  fields.values_ = std::move(collector.values);
  return fields;
}

std::optional<std::string_view> JsonFields::find(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  return as_text(found->second.expose());
}

}  // namespace mikura
