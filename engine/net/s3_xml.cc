#include "net/s3_xml.h"

#include <charconv>
#include <pugixml.hpp>

#include "base/utf8.h"
#include "net/timestamp.h"
#include "net/uri.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxListedObjects = 1000;
constexpr std::size_t kMaxKeyBytes = 1024;
constexpr std::size_t kMaxTextBytes = 1024;
constexpr std::uint64_t kMaxErrorDocumentBytes = 64ULL << 10;

// Elements, attributes and text; the five named entities and character references. No document
// type, no processing instructions: pugixml skips them.
constexpr unsigned kParseFlags =
    pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_wconv_attribute;

bool load(pugi::xml_document& document, std::string_view xml, std::uint64_t max_bytes) {
  if (xml.size() > max_bytes) return false;
  return bool(document.load_buffer(xml.data(), xml.size(), kParseFlags, pugi::encoding_utf8));
}

std::string_view text_of(const pugi::xml_node& parent, const char* name) {
  return parent.child(name).text().get();
}

// What a person may be shown of a server's words.
std::string printable(std::string_view text) {
  if (!is_valid_utf8(text)) return {};
  std::string out;
  for (const char c : utf8_prefix(text, kMaxTextBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7F ? ' ' : c;
  }
  return out;
}

Error bad_list(std::string_view why) {
  return Error(Code::corrupt, "the store's list of objects " + std::string(why));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

enum class KeyEncoding { none, url };

Result<S3ListedObject> parse_object(const pugi::xml_node& node, KeyEncoding encoding) {
  S3ListedObject object;
  const std::string_view key = text_of(node, "Key");
  object.key = encoding == KeyEncoding::url ? form_decode(key) : std::string(key);
  if (object.key.empty() || object.key.size() > kMaxKeyBytes)
    return bad_list("holds an impossible name");
  const auto size = parse_size(text_of(node, "Size"));
  if (!size) return bad_list("holds an object without a size");
  object.size_bytes = *size;
  object.etag = text_of(node, "ETag");
  if (object.etag.size() > kMaxTextBytes) return bad_list("holds an impossible ETag");
  const auto modified = parse_iso8601_ms(text_of(node, "LastModified"));
  if (!modified) return bad_list("holds an object without a time");
  object.modified_unix_ms = *modified;
  return object;
}

}  // namespace

Result<S3ListResult> parse_list_result(std::string_view xml) {
  pugi::xml_document document;
  if (!load(document, xml, kMaxListResultBytes)) return bad_list("is not well-formed XML");
  const pugi::xml_node root = document.child("ListBucketResult");
  if (!root) return bad_list("is another document");
  const KeyEncoding encoding =
      text_of(root, "EncodingType") == "url" ? KeyEncoding::url : KeyEncoding::none;

  S3ListResult result;
  for (const pugi::xml_node& node : root.children("Contents")) {
    if (result.objects.size() == kMaxListedObjects) return bad_list("is longer than was asked for");
    TRY_ASSIGN(S3ListedObject object, parse_object(node, encoding));
    result.objects.push_back(std::move(object));
  }
  const std::string_view truncated = text_of(root, "IsTruncated");
  if (truncated != "true" && truncated != "false")
    return bad_list("does not say whether it is complete");
  if (truncated == "true") {
    result.next_token = text_of(root, "NextContinuationToken");
    if (result.next_token.empty()) return bad_list("is cut but does not say where it goes on");
    if (result.next_token.size() > 4 * kMaxKeyBytes)
      return bad_list("has an impossible continuation token");
  }
  return result;
}

std::optional<S3ErrorDocument> parse_error_document(std::string_view xml) {
  pugi::xml_document document;
  if (!load(document, xml, kMaxErrorDocumentBytes)) return std::nullopt;
  pugi::xml_node root = document.child("Error");
  if (!root) root = document.child("ErrorResponse").child("Error");  // as STS writes it
  if (!root) return std::nullopt;
  return S3ErrorDocument{.code = printable(text_of(root, "Code")),
                         .message = printable(text_of(root, "Message")),
                         .region = printable(text_of(root, "Region")),
                         .endpoint = printable(text_of(root, "Endpoint")),
                         .server_time = printable(text_of(root, "ServerTime"))};
}

}  // namespace mikura
