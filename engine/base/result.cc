#include "base/result.h"

namespace mikura {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::not_found:
      return "not_found";
    case Code::already_exists:
      return "already_exists";
    case Code::conflict:
      return "conflict";
    case Code::transient:
      return "transient";
    case Code::denied:
      return "denied";
    case Code::no_credentials:
      return "no_credentials";
    case Code::wrong_key:
      return "wrong_key";
    case Code::corrupt:
      return "corrupt";
    case Code::rollback:
      return "rollback";
    case Code::cancelled:
      return "cancelled";
    case Code::invalid:
      return "invalid";
    case Code::refused:
      return "refused";
    case Code::unsupported:
      return "unsupported";
    case Code::busy:
      return "busy";
    case Code::full:
      return "full";
    case Code::io:
      return "io";
    case Code::internal:
      return "internal";
  }
  return "internal";
}

Error Error::with_context(std::string_view doing) && {
  message_.insert(0, ": ");
  message_.insert(0, doing);
  return std::move(*this);
}

Error Error::with_hint(std::string_view next_step) && {
  if (hint_.empty()) hint_ = next_step;
  return std::move(*this);
}

}  // namespace mikura
