// Parameters and messages: what is understood, and how what is not is refused.
#include "server/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/messages.h"
#include "server/params.h"

namespace mikura {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Json json(const std::string& text) {
  auto parsed = parse_json(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Json();
}

template <class Params>
std::string refusal(const std::string& text) {
  const auto read = Params::read(json(text));
  EXPECT_TRUE(read.failed_with(Code::invalid)) << text;
  return read ? "" : read.error().message();
}

TEST(Requests, MissingAndNullMembersHaveTheirDefaults) {
  const auto sync = SyncParams::read(json(R"({"folder":"/p","mode":null})"));
  ASSERT_TRUE(sync);
  EXPECT_EQ(sync->folder, "/p");
  EXPECT_EQ(sync->request.mode, SyncMode::sync);
  EXPECT_FALSE(sync->request.dry_run);
  EXPECT_FALSE(sync->request.policy);
  const auto list = HistoryListParams::read(json(R"({"folder":"/p"})"));
  ASSERT_TRUE(list);
  EXPECT_EQ(list->request.limit, kDefaultHistoryLimit);
  EXPECT_FALSE(list->request.path);
}

TEST(Requests, UnknownMembersAreIgnored) {
  EXPECT_TRUE(FolderParams::read(json(R"({"folder":"/p","future":{"a":[1]}})")));
}

TEST(Requests, WhatIsWrongIsNamed) {
  EXPECT_THAT(refusal<FolderParams>("{}"), HasSubstr("folder"));
  EXPECT_THAT(refusal<FolderParams>(R"({"folder":7})"), HasSubstr("folder"));
  EXPECT_THAT(refusal<FolderParams>(R"({"folder":"relative"})"), HasSubstr("folder"));
  EXPECT_THAT(refusal<FolderParams>(R"({"folder":"/a\u0000b"})"), HasSubstr("zero"));
  EXPECT_THAT(refusal<StatusParams>(R"({"folder":"/p","check_remote":1})"),
              HasSubstr("check_remote"));
  EXPECT_THAT(refusal<SyncParams>(R"({"folder":"/p","mode":"fetch"})"), HasSubstr("mode"));
  EXPECT_THAT(refusal<SyncParams>(R"({"folder":"/p","policy":"mine"})"), HasSubstr("policy"));
  EXPECT_THAT(refusal<HistoryListParams>(R"({"folder":"/p","limit":0})"), HasSubstr("limit"));
  EXPECT_THAT(refusal<HistoryListParams>(R"({"folder":"/p","limit":1001})"), HasSubstr("limit"));
  EXPECT_THAT(refusal<HistoryListParams>(R"({"folder":"/p","limit":1.5})"), HasSubstr("limit"));
  EXPECT_THAT(refusal<HistoryListParams>(R"({"folder":"/p","limit":18446744073709551615})"),
              HasSubstr("limit"));
  EXPECT_THAT(refusal<KeyForgetParams>(R"({"repository":"x"})"), HasSubstr("UUID"));
  EXPECT_THAT(refusal<KeyCheckParams>("{}"), HasSubstr("folder"));
  EXPECT_THAT(refusal<KeyCheckParams>(R"({"folder":"/p","store":"file:///s"})"), HasSubstr("both"));
  EXPECT_THAT(refusal<InitializeParams>("{}"), HasSubstr("protocol"));
  EXPECT_THAT(refusal<InitializeParams>(R"({"protocol":{"min":1}})"), HasSubstr("max"));
}

TEST(Requests, APathStaysInsideItsFolder) {
  for (const char* path : {"", "/a", "a/", "a//b", ".", "..", "a/../b", "./a"}) {
    const Json params = {{"folder", "/p"}, {"paths", {path}}};
    EXPECT_FALSE(PathsParams::read(params)) << path;
  }
  const Json params = {{"folder", "/p"}, {"paths", {"a", "b/..c/.d", "日本", ".git/HEAD"}}};
  const auto read = PathsParams::read(params);
  ASSERT_TRUE(read);
  EXPECT_THAT(read->paths, ElementsAre("a", "b/..c/.d", "日本", ".git/HEAD"));
}

TEST(Requests, TextsAndListsHaveLimits) {
  EXPECT_FALSE(StoreParams::read({{"store", std::string(kMaxParamTextBytes + 1, 'a')}}));
  Json many = Json::array();
  for (std::size_t i = 0; i <= kMaxParamItems; ++i)
    many.push_back("a");
  EXPECT_FALSE(PathsParams::read({{"folder", "/p"}, {"paths", many}}));
}

TEST(Requests, ASideOfADiffIsExactlyOneThing) {
  const auto read = [](const std::string& before) {
    return DiffParams::read(
        json(R"({"folder":"/p","before":)" + before + R"(,"after":{"empty":true}})"));
  };
  EXPECT_TRUE(read(R"({"version":"HEAD"})"));
  EXPECT_TRUE(read(R"({"working_tree":true})"));
  EXPECT_FALSE(read("{}"));
  EXPECT_FALSE(read(R"({"empty":true,"working_tree":true})"));
  EXPECT_FALSE(read(R"({"version":7})"));
  EXPECT_FALSE(read(R"("HEAD")"));
}

IncomingMessage understood(const std::string& text) {
  auto message = understand_message(text);
  EXPECT_TRUE(std::holds_alternative<IncomingMessage>(message)) << text;
  const auto* const found = std::get_if<IncomingMessage>(&message);
  return found != nullptr ? *found : IncomingMessage();
}

RefusedMessage refused(const std::string& text) {
  auto message = understand_message(text);
  EXPECT_TRUE(std::holds_alternative<RefusedMessage>(message)) << text;
  const auto* const found = std::get_if<RefusedMessage>(&message);
  return found != nullptr ? *found : RefusedMessage();
}

TEST(Messages, RequestsNotificationsAndResponsesAreToldApart) {
  using Kind = IncomingMessage::Kind;
  EXPECT_EQ(understood(R"({"jsonrpc":"2.0","id":1,"method":"m"})").kind, Kind::request);
  EXPECT_EQ(understood(R"({"jsonrpc":"2.0","id":"x","method":"m","params":{}})").id, "x");
  EXPECT_EQ(understood(R"({"jsonrpc":"2.0","method":"m"})").kind, Kind::notification);
  EXPECT_EQ(understood(R"({"jsonrpc":"2.0","id":1,"result":null})").kind, Kind::response);
  EXPECT_TRUE(understood(R"({"jsonrpc":"2.0","id":1,"error":{"code":1}})").failed);
}

TEST(Messages, WhatIsNoMessageIsRefusedByName) {
  EXPECT_EQ(refused("").failure.code, rpc_code::kParseError);
  EXPECT_EQ(refused("{").failure.code, rpc_code::kParseError);
  EXPECT_EQ(refused("{\"a\":\"\xFF\"}").failure.code, rpc_code::kParseError);
  EXPECT_EQ(refused("{} {}").failure.code, rpc_code::kParseError);
  EXPECT_EQ(refused(std::string(100'000, '[')).failure.code, rpc_code::kParseError);
  EXPECT_EQ(refused("7").failure.code, rpc_code::kInvalidRequest);
  EXPECT_EQ(refused("[]").failure.code, rpc_code::kInvalidRequest);
  EXPECT_EQ(refused(R"([{"jsonrpc":"2.0","id":1,"method":"m"}])").failure.code,
            rpc_code::kInvalidRequest);
  EXPECT_EQ(refused(R"({"id":1,"method":"m"})").failure.code, rpc_code::kInvalidRequest);
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":{},"method":"m"})").id, Json(nullptr));
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":4,"method":7})").id, 4);
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":5,"method":"m","params":[1]})").failure.code,
            rpc_code::kInvalidParams);
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":6})").failure.code, rpc_code::kInvalidRequest);
  EXPECT_EQ(refused(R"({"jsonrpc":"2.0","id":6,"result":1,"error":{}})").failure.code,
            rpc_code::kInvalidRequest);
}

}  // namespace
}  // namespace mikura
