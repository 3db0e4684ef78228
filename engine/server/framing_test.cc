#include "server/framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace mikura {
namespace {

using ::testing::ElementsAre;

struct Parsed {
  std::vector<std::string> messages;
  bool broken = false;
  friend bool operator==(const Parsed&, const Parsed&) = default;
};

// Feeds `stream` in pieces that end at `cuts`.
Parsed parse(const std::string& stream, std::vector<std::size_t> cuts = {}) {
  FrameParser parser;
  Parsed out;
  cuts.push_back(stream.size());
  std::size_t begin = 0;
  for (const std::size_t end : cuts) {
    if (end < begin || end > stream.size()) continue;
    parser.feed(as_bytes(std::string_view(stream).substr(begin, end - begin)));
    begin = end;
    for (;;) {
      auto message = parser.next();
      if (!message) {
        out.broken = true;
        return out;
      }
      if (!*message) break;
      out.messages.push_back(**message);
    }
  }
  return out;
}

std::string with_length(const std::string& length, const std::string& body = "{}") {
  return "Content-Length: " + length + "\r\n\r\n" + body;
}

TEST(Framing, WhatIsFramedIsParsedAgain) {
  EXPECT_THAT(parse(framed("one") + framed("") + framed("{\"三\":3}")).messages,
              ElementsAre("one", "", "{\"三\":3}"));
}

RC_GTEST_PROP(Framing, HoweverTheStreamIsCutTheMessagesAreTheSame,
              (std::vector<std::string> messages, std::vector<std::size_t> raw_cuts)) {
  std::string stream;
  for (const std::string& message : messages)
    stream += framed(message);
  std::vector<std::size_t> cuts;
  for (const std::size_t cut : raw_cuts)
    cuts.push_back(stream.empty() ? 0 : cut % stream.size());
  std::sort(cuts.begin(), cuts.end());
  const Parsed parsed = parse(stream, cuts);
  RC_ASSERT(!parsed.broken);
  RC_ASSERT(parsed.messages == messages);
}

RC_GTEST_PROP(Framing, HoweverAnyBytesAreCutTheOutcomeIsTheSame,
              (std::string bytes, std::vector<std::size_t> raw_cuts)) {
  // Some of it valid, so that there is something to break.
  const std::string stream = framed("first") + bytes;
  std::vector<std::size_t> cuts;
  for (const std::size_t cut : raw_cuts)
    cuts.push_back(cut % (stream.size() + 1));
  std::sort(cuts.begin(), cuts.end());
  RC_ASSERT(parse(stream, cuts) == parse(stream));
}

TEST(Framing, OneByteAtATimeIsEnough) {
  const std::string stream = framed("one") + framed("two");
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < stream.size(); ++i)
    cuts.push_back(i);
  EXPECT_THAT(parse(stream, cuts).messages, ElementsAre("one", "two"));
}

TEST(Framing, OtherHeadersAndAnyCaseAreFine) {
  EXPECT_THAT(
      parse("content-type: application/json\r\nCONTENT-LENGTH:2\r\nX-Y: z\r\n\r\n{}").messages,
      ElementsAre("{}"));
}

TEST(Framing, ABrokenHeaderIsRefused) {
  for (const std::string& stream :
       {with_length("x"), with_length(""), with_length("-1"), with_length("+1"), with_length("1 "),
        with_length("0x10"), with_length("99999999999999999999"), std::string("\r\n\r\n"),
        std::string("Content-Type: a\r\n\r\n"),
        std::string("Content-Length: 1\r\nContent-Length: 1\r\n\r\nx"),
        std::string("no header\r\n\r\n"), std::string(": 1\r\n\r\n"),
        std::string("Content-Length: 2\n\n{}"), std::string("{\"jsonrpc\":\"2.0\"}\n"),
        std::string("Content-Length: 2\rX\r\n\r\n{}"),
        std::string("Content-Length: 2\r\nX: 1\r\r\n\r\n{}"),
        std::string("Content-Länge: 2\r\n\r\n{}"), std::string("A\0B: 1\r\n\r\n", 10)}) {
    EXPECT_TRUE(parse(stream).broken) << stream;
  }
}

TEST(Framing, AfterABrokenHeaderNothingIsBelieved) {
  FrameParser parser;
  parser.feed(as_bytes("nonsense\n"));
  EXPECT_TRUE(parser.next().failed_with(Code::invalid));
  parser.feed(as_bytes(framed("{}")));
  EXPECT_TRUE(parser.next().failed_with(Code::invalid));
}

TEST(Framing, TheHeaderHasALimit) {
  const std::string exact = "X: ";
  const std::string end = "\r\nContent-Length: 2\r\n\r\n";
  const std::string fits =
      exact + std::string(kMaxHeaderBytes - exact.size() - end.size(), 'a') + end;
  EXPECT_THAT(parse(fits + "{}").messages, ElementsAre("{}"));
  EXPECT_TRUE(parse("a" + fits + "{}").broken);
  // Also when its end never comes.
  EXPECT_TRUE(parse(std::string(kMaxHeaderBytes, 'a')).broken);
}

TEST(Framing, AMessageHasALimit) {
  const std::string largest(kMaxMessageBytes, 'x');
  EXPECT_THAT(parse(framed(largest)).messages, ElementsAre(largest));
  // Refused before it comes.
  EXPECT_TRUE(parse("Content-Length: " + std::to_string(kMaxMessageBytes + 1) + "\r\n\r\n").broken);
}

}  // namespace
}  // namespace mikura
