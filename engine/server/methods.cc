#include "server/methods.h"

namespace mikura {
namespace {

template <class Map>
auto* find_in(const Map& map, std::string_view name) {
  const auto found = map.find(name);
  return found != map.end() ? &found->second : nullptr;
}

}  // namespace

const Method* Methods::find_method(std::string_view name) const {
  return find_in(methods_, name);
}

const Notification* Methods::find_notification(std::string_view name) const {
  return find_in(notifications_, name);
}

Methods make_methods() {
  Methods methods;
  add_process_methods(methods);
  add_folder_methods(methods);
  add_repository_methods(methods);
  add_sync_methods(methods);
  add_history_methods(methods);
  add_content_methods(methods);
  add_watch_methods(methods);
  return methods;
}

}  // namespace mikura
