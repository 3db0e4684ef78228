#include "cli/exit_codes.h"

namespace mikura {

Exit exit_for(Code code) {
  switch (code) {
    case Code::invalid:
      return Exit::usage;
    case Code::denied:
    case Code::no_credentials:
      return Exit::denied;
    case Code::wrong_key:
      return Exit::wrong_key;
    case Code::corrupt:
    case Code::rollback:
      return Exit::tampered;
    case Code::transient:
      return Exit::unreachable;
    case Code::refused:
      return Exit::refused;
    case Code::cancelled:
      return Exit::cancelled;
    case Code::not_found:
    case Code::already_exists:
    case Code::conflict:
    case Code::unsupported:
    case Code::busy:
    case Code::full:
    case Code::io:
    case Code::internal:
      return Exit::failed;
  }
  return Exit::failed;
}

}  // namespace mikura
