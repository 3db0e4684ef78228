// Listing a folder store in byte order of the names, a page at a time.
#pragma once

#include <stop_token>
#include <string_view>

#include "base/result.h"
#include "store/blob_store.h"
#include "store/dir_files.h"

namespace mikura {

// As BlobStore::list. `next` is the last name of the page. Files whose names are not names of
// objects are passed over; a symbolic link with such a name is Code::io, so that nobody takes what
// lies behind it for removed.
Result<ListPage> list_directory(const DirRoot& root, std::string_view prefix,
                                std::string_view start, const std::stop_token& stop);

}  // namespace mikura
