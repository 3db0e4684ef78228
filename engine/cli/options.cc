#include "cli/options.h"

#include "store/open_store.h"

namespace mikura {

Result<std::string> store_url_with(const std::string& typed, const GlobalOptions& global) {
  TRY_ASSIGN(StoreUrl url, StoreUrl::parse(typed));
  const bool named = !global.profile.empty() || !global.region.empty() || !global.endpoint.empty();
  if (named && url.scheme != StoreUrl::Scheme::s3) {
    return Error(Code::invalid, "--profile, --region and --endpoint go with an s3:// store")
        .with_hint("Leave them out for a folder.");
  }
  if (!global.profile.empty()) url.profile = global.profile;
  if (!global.region.empty()) url.region = global.region;
  if (!global.endpoint.empty()) url.endpoint = global.endpoint;
  // Once more, so that what the options brought is looked at as well.
  TRY_ASSIGN(const StoreUrl checked, StoreUrl::parse(url.to_string()));
  return checked.to_string();
}

}  // namespace mikura
