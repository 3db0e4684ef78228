#include "net/aws_config.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/bytes.h"
#include "base/file.h"

namespace mikura {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 1ULL << 20;
constexpr std::string_view kBlank = " \t\r";

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// Without what follows white space and '#' or ';'.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool mark = value[i] == '#' || value[i] == ';';
    if (mark && (i == 0 || kBlank.find(value[i - 1]) != std::string_view::npos))
      return value.substr(0, i);
  }
  return value;
}

// "[  profile   x ]" is the section "profile x".
std::string section_name(std::string_view inside) {
  std::string out;
  bool gap = false;
  for (const char c : inside) {
    if (kBlank.find(c) != std::string_view::npos) {
      gap = !out.empty();
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    out += c;
  }
  return out;
}

struct Property {
  std::string key;
  std::string_view value;
};

std::optional<Property> parse_property(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  Property property{lower(trim(line.substr(0, equals))),
                    trim(without_comment(line.substr(equals + 1)))};
  if (property.key.empty()) return std::nullopt;
  return property;
}

Error bad_line(std::string_view name, std::size_t number, std::string_view why) {
  return Error(Code::invalid, "line " + std::to_string(number) + " of " + std::string(name) + " " +
                                  std::string(why))
      .with_hint(
          "correct the file, or name another one with AWS_CONFIG_FILE or "
          "AWS_SHARED_CREDENTIALS_FILE");
}

Result<AwsConfigFile> load_file(const std::string& path) {
  if (path.empty()) return AwsConfigFile();
  auto bytes = read_file(path, kMaxConfigBytes);
  if (!bytes) {
    if (bytes.failed_with(Code::not_found)) return AwsConfigFile();
    return std::move(bytes).error();
  }
  auto parsed = AwsConfigFile::parse(as_text(*bytes), path);
  wipe(*bytes);
  return parsed;
}

std::string home_path(const AwsEnvironment& environment, std::string_view relative) {
  const auto home = non_empty(environment, "HOME");
  return home ? *home + "/" + std::string(relative) : std::string();
}

// An expanded "~/" at the start, as the AWS tools do.
std::string expand_home(const AwsEnvironment& environment, const std::string& path) {
  return path.starts_with("~/") ? home_path(environment, path.substr(2)) : path;
}

bool is_true(std::string_view text) {
  return lower(text) == "true";
}

std::string first_of(std::initializer_list<std::optional<std::string>> values) {
  for (const auto& value : values) {
    if (value) return *value;
  }
  return {};
}

std::optional<std::string> owned(std::optional<std::string_view> value) {
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

}  // namespace

AwsEnvironment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
}

std::optional<std::string> non_empty(const AwsEnvironment& environment, const std::string& name) {
  auto value = environment(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

Result<AwsConfigFile> AwsConfigFile::parse(std::string_view text, std::string_view name) {
  AwsConfigFile file;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Section* section = nullptr;
  std::string outer;  // the setting before, if its value is empty: others may be nested in it
  std::optional<std::size_t>
      outer_indent;  // the indentation of the setting before; none at a section's beginning
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    const std::string_view content = trim(line);
    if (content.empty() || content.front() == '#' || content.front() == ';') continue;
    const auto indent = static_cast<std::size_t>(content.data() - line.data());
    const bool nested = outer_indent && indent > *outer_indent;

    if (content.front() == '[' && !nested) {
      const std::size_t close = content.find(']');
      if (close == std::string_view::npos)
        return bad_line(name, number, "begins a section without an end");
      section = &file.sections_[section_name(content.substr(1, close - 1))];
      outer.clear();
      outer_indent.reset();
      continue;
    }
    if (section == nullptr) return bad_line(name, number, "stands before the first [section]");
    if (nested && outer.empty()) continue;  // a further line of a value: none that we read has any
    auto property = parse_property(content);
    if (!property) return bad_line(name, number, "is neither a section, a comment nor a setting");
    const std::string key = nested ? outer + "." + property->key : property->key;
    (*section)[key] = SecretBytes(as_bytes(property->value));
    if (nested) continue;
    outer = property->value.empty() ? key : std::string();
    outer_indent = indent;
  }
  return file;
}

std::optional<std::string_view> AwsConfigFile::find(const std::string& section,
                                                    const std::string& key) const {
  const auto found = sections_.find(section);
  if (found == sections_.end()) return std::nullopt;
  const auto value = found->second.find(key);
  if (value == found->second.end() || value->second.empty()) return std::nullopt;
  return as_text(value->second.expose());
}

AwsConfigPaths AwsConfigPaths::from(const AwsEnvironment& environment) {
  const auto path = [&](const std::string& variable, std::string_view fallback) {
    const auto set = non_empty(environment, variable);
    return set ? expand_home(environment, *set) : home_path(environment, fallback);
  };
  return {.config = path("AWS_CONFIG_FILE", ".aws/config"),
          .credentials = path("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")};
}

Result<AwsProfiles> AwsProfiles::load(const AwsConfigPaths& paths) {
  AwsProfiles profiles;
  TRY_ASSIGN(profiles.config_, load_file(paths.config));
  TRY_ASSIGN(profiles.credentials_, load_file(paths.credentials));
  return profiles;
}

std::vector<std::string> AwsConfigFile::sections() const {
  std::vector<std::string> names;
  for (const auto& [name, section] : sections_)
    names.push_back(name);
  return names;
}

bool AwsProfiles::has(const std::string& profile) const {
  return credentials_.has_section(profile) || config_.has_section("profile " + profile) ||
         (profile == "default" && config_.has_section(profile));
}

std::vector<std::string> AwsProfiles::names() const {
  constexpr std::string_view kPrefix = "profile ";
  std::set<std::string> names;
  for (const std::string& section : credentials_.sections())
    names.insert(section);
  for (const std::string& section : config_.sections()) {
    if (section == "default") names.insert(section);
    if (section.starts_with(kPrefix)) names.insert(section.substr(kPrefix.size()));
  }
  return {names.begin(), names.end()};
}

std::optional<std::string_view> AwsProfiles::find(const std::string& profile,
                                                  const std::string& key) const {
  if (auto value = credentials_.find(profile, key)) return value;
  if (auto value = config_.find("profile " + profile, key)) return value;
  // Only the default profile's section may go without the word "profile".
  return profile == "default" ? config_.find(profile, key) : std::nullopt;
}

std::optional<std::string_view> AwsProfiles::find_for_service(const std::string& profile,
                                                              const std::string& service,
                                                              const std::string& key) const {
  const auto services = find(profile, "services");
  if (!services) return std::nullopt;
  return config_.find("services " + std::string(*services), service + "." + key);
}

std::string profile_name(const AwsEnvironment& environment, const std::string& explicit_profile) {
  if (!explicit_profile.empty()) return explicit_profile;
  if (auto profile = non_empty(environment, "AWS_PROFILE")) return *profile;
  return non_empty(environment, "AWS_DEFAULT_PROFILE").value_or("default");
}

std::string aws_domain(const std::string& region) {
  return region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
}

std::string configured_endpoint(const AwsEnvironment& environment, const AwsProfiles& profiles,
                                const std::string& profile, const std::string& variable,
                                const std::string& section) {
  const auto ignore = first_of({non_empty(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
                                owned(profiles.find(profile, "ignore_configured_endpoint_urls"))});
  if (is_true(ignore)) return {};
  return first_of({non_empty(environment, "AWS_ENDPOINT_URL_" + variable),
                   non_empty(environment, "AWS_ENDPOINT_URL"),
                   owned(profiles.find_for_service(profile, section, "endpoint_url")),
                   owned(profiles.find(profile, "endpoint_url"))});
}

S3Settings S3Settings::from(const AwsEnvironment& environment, const AwsProfiles& profiles,
                            const std::string& profile) {
  S3Settings settings;
  const auto in_profile = [&](const std::string& key) {
    return owned(profiles.find(profile, key));
  };
  settings.region = first_of({non_empty(environment, "AWS_REGION"),
                              non_empty(environment, "AWS_DEFAULT_REGION"), in_profile("region")});
  settings.ca_bundle = first_of({non_empty(environment, "AWS_CA_BUNDLE"), in_profile("ca_bundle")});
  settings.endpoint = configured_endpoint(environment, profiles, profile, "S3", "s3");
  const auto style = in_profile("s3.addressing_style");
  if (style == "path") settings.path_style = true;
  if (style == "virtual") settings.path_style = false;
  return settings;
}

}  // namespace mikura
