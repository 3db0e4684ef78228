// What a client sends to `mikura serve`: framing, messages and the parameters of every method.
#include <vector>

#include "base/check.h"
#include "server/framing.h"
#include "server/messages.h"
#include "server/requests.h"
#include "targets.h"

namespace mikura::fuzz {
namespace {

struct Parsed {
  std::vector<std::string> messages;
  bool broken = false;
  friend bool operator==(const Parsed&, const Parsed&) = default;
};

Parsed parse(ByteSpan stream, std::size_t piece_bytes) {
  FrameParser parser;
  Parsed out;
  while (!stream.empty() && !out.broken) {
    const ByteSpan piece = stream.first(std::min(piece_bytes, stream.size()));
    stream = stream.subspan(piece.size());
    parser.feed(piece);
    for (;;) {
      auto message = parser.next();
      out.broken = !message;
      if (!message || !*message) break;
      CHECK((*message)->size() <= kMaxMessageBytes);
      out.messages.push_back(**std::move(message));
    }
  }
  return out;
}

template <class... Params>
void read_as_each(const Json& params) {
  (static_cast<void>(Params::read(params).has_value()), ...);
}

void understand(std::string_view text) {
  const auto message = understand_message(text);
  const auto* const understood = std::get_if<IncomingMessage>(&message);
  if (understood == nullptr) {
    const auto& refused = std::get<RefusedMessage>(message);
    CHECK(!json_line(make_failure(refused.id, refused.failure)).empty());
    return;
  }
  CHECK(understood->params.is_object());
  read_as_each<InitializeParams, LogLevelParams, FolderParams, StoreParams, InitParams, LinkParams,
               KeyCheckParams, KeyForgetParams, StatusParams, SyncParams, PathsParams,
               RestoreParams, DiscardParams, ResolveParams, ConfigureParams, HistoryListParams,
               VersionParams, VersionEntriesParams, DiffParams, ContentParams, ExportParams,
               WatchStartParams, WatchPauseParams>(understood->params);
}

}  // namespace

void rpc(ByteSpan input) {
  const Parsed whole = parse(input, input.size());
  CHECK(parse(input, 1) == whole);
  CHECK(parse(input, 7) == whole);
  for (const std::string& message : whole.messages)
    understand(message);
  // The JSON is reached without a right header, too.
  understand(as_text(input));
  const std::string frame = framed(as_text(input.first(std::min<std::size_t>(input.size(), 4096))));
  CHECK(parse(as_bytes(frame), 3).messages.size() == 1);
}

}  // namespace mikura::fuzz
