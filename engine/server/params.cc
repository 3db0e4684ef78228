#include "server/params.h"

#include "format/path.h"

namespace mikura {
namespace {

// As the protocol has them. Names that no index may hold (.git, conflict copies) are let through:
// editors open such files too, and the engine finds nothing there.
bool is_index_path(std::string_view path) {
  if (path.empty() || path.size() > kMaxPathBytes) return false;
  for (;;) {
    const std::size_t end = path.find('/');
    const std::string_view part = path.substr(0, end);
    if (part.empty() || part == "." || part == "..") return false;
    if (end == std::string_view::npos) return true;
    path.remove_prefix(end + 1);
  }
}

}  // namespace

const Json* ParamReader::find(const char* name) const {
  if (!params_.is_object()) return nullptr;
  const auto found = params_.find(name);
  return found != params_.end() && !found->is_null() ? &*found : nullptr;
}

void ParamReader::fail(const char* name, std::string_view why) {
  if (!error_) error_ = Error(Code::invalid, std::string(name) + " " + std::string(why));
}

Result<void> ParamReader::done() const {
  if (error_) return *error_;
  return {};
}

std::string ParamReader::checked_text(const char* name, const Json& value) {
  if (!value.is_string()) {
    fail(name, "is no text");
    return {};
  }
  const auto& found = value.get_ref<const std::string&>();
  if (found.size() > kMaxParamTextBytes) {
    fail(name, "is too long");
    return {};
  }
  // It would end a path early.
  if (found.find('\0') != std::string::npos) {
    fail(name, "holds a zero byte");
    return {};
  }
  return found;
}

std::string ParamReader::text(const char* name) {
  const Json* const value = find(name);
  if (value != nullptr) return checked_text(name, *value);
  fail(name, "is missing");
  return {};
}

std::string ParamReader::text_or(const char* name, std::string fallback) {
  const Json* const value = find(name);
  return value != nullptr ? checked_text(name, *value) : fallback;
}

bool ParamReader::flag_or(const char* name, bool fallback) {
  const Json* const value = find(name);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  fail(name, "is neither true nor false");
  return fallback;
}

std::int64_t ParamReader::number(const char* name, std::int64_t min, std::int64_t max) {
  if (!has(name)) fail(name, "is missing");
  return number_or(name, min, min, max);
}

std::int64_t ParamReader::number_or(const char* name, std::int64_t fallback, std::int64_t min,
                                    std::int64_t max) {
  const Json* const value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_number_integer()) {
    fail(name, "is no whole number");
    return fallback;
  }
  const bool too_large =
      value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(max);
  if (too_large || value->get<std::int64_t>() > max || value->get<std::int64_t>() < min) {
    fail(name, "is too small or too large");
    return fallback;
  }
  return value->get<std::int64_t>();
}

std::string ParamReader::absolute_path(const char* name) {
  std::string path = text(name);
  if (!path.starts_with('/') || path.size() > kMaxPathBytes) fail(name, "is no absolute path");
  return path;
}

std::string ParamReader::checked_index_path(const char* name, const Json& value) {
  std::string path = checked_text(name, value);
  if (!is_index_path(path)) fail(name, "is no path inside the folder");
  return path;
}

std::string ParamReader::index_path(const char* name) {
  const Json* const value = find(name);
  if (value != nullptr) return checked_index_path(name, *value);
  fail(name, "is missing");
  return {};
}

std::vector<std::string> ParamReader::index_paths(const char* name) {
  std::vector<std::string> paths;
  const Json* const value = find(name);
  if (value == nullptr) return paths;
  if (!value->is_array() || value->size() > kMaxParamItems) {
    fail(name, "is no list, or too long");
    return paths;
  }
  paths.reserve(value->size());
  for (const Json& item : *value) {
    paths.push_back(checked_index_path(name, item));
    if (error_) break;
  }
  return paths;
}

ParamReader ParamReader::object(const char* name) {
  static const Json kEmpty = Json::object();
  const Json* const value = find(name);
  if (value == nullptr) return ParamReader(kEmpty);
  if (!value->is_object()) {
    fail(name, "is no object");
    return ParamReader(kEmpty);
  }
  return ParamReader(*value);
}

void ParamReader::take_error(const ParamReader& inner) {
  if (!error_) error_ = inner.error_;
}

}  // namespace mikura
