#include "net/http.h"

namespace mikura {

std::string HttpRequest::url() const {
  std::string url = endpoint.origin() + path;
  if (!query.empty()) url += "?" + query;
  return url;
}

std::optional<std::string_view> HttpResponse::header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (header.name == name) return header.value;
  }
  return std::nullopt;
}

}  // namespace mikura
