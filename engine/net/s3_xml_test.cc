#include "net/s3_xml.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace mikura {
namespace {

std::string object(const std::string& key, const std::string& size = "7") {
  return "<Contents><Key>" + key +
         "</Key><LastModified>2026-02-21T10:00:00.000Z</LastModified><ETag>&quot;abc&quot;</"
         "ETag><Size>" +
         size + "</Size></Contents>";
}

std::string list(const std::string& inside) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
         inside + "</ListBucketResult>";
}

TEST(S3Xml, AListIsRead) {
  const auto result = parse_list_result(list(
      "<IsTruncated>true</IsTruncated><NextContinuationToken>1ueG&amp;=</NextContinuationToken>" +
      object("a/b") + object("a&amp;b", "18446744073709551615")));
  ASSERT_TRUE(result) << result.error().message();
  ASSERT_EQ(result->objects.size(), 2U);
  EXPECT_EQ(result->objects[0].key, "a/b");
  EXPECT_EQ(result->objects[0].size_bytes, 7U);
  EXPECT_EQ(result->objects[0].etag, "\"abc\"");
  EXPECT_EQ(result->objects[0].modified_unix_ms, 1771668000000);
  EXPECT_EQ(result->objects[1].key, "a&b");
  EXPECT_EQ(result->next_token, "1ueG&=");
}

TEST(S3Xml, NamesAreDecodedOnlyIfTheServerSaysThatItEncodedThem) {
  const std::string rest = "<IsTruncated>false</IsTruncated>" + object("a%2Bb+c");
  EXPECT_EQ(parse_list_result(list("<EncodingType>url</EncodingType>" + rest))->objects[0].key,
            "a+b c");
  EXPECT_EQ(parse_list_result(list(rest))->objects[0].key, "a%2Bb+c");
}

TEST(S3Xml, AListThatCannotBeTrustedIsCorrupt) {
  const std::string end = "<IsTruncated>false</IsTruncated>";
  const std::string contents = object("a");
  for (const std::string& xml : {
           std::string(),
           std::string("not xml"),
           std::string("<html><body>Sorry</body></html>"),
           std::string("<Error><Code>InternalError</Code></Error>"),
           list(contents),  // complete or not?
           list("<IsTruncated>maybe</IsTruncated>"),
           list("<IsTruncated>true</IsTruncated>" + contents),  // where does it go on?
           list(end + object("")),
           list(end + object(std::string(1025, 'x'))),
           list(end + object("a", "-1")),
           list(end + object("a", "")),
           list(end + object("a", "7x")),
           list(end + object("a", "18446744073709551616")),
           list(end + "<Contents><Key>a</Key><Size>1</Size><LastModified>yesterday</LastModified></"
                      "Contents>"),
           list(end).substr(0, list(end).size() - 5),
       }) {
    const auto result = parse_list_result(xml);
    EXPECT_TRUE(result.failed_with(Code::corrupt)) << xml;
  }
}

TEST(S3Xml, AListOfMoreThanAThousandIsCorrupt) {
  std::string inside = "<IsTruncated>false</IsTruncated>";
  for (int i = 0; i < 1000; ++i)
    inside += object(std::to_string(i));
  EXPECT_TRUE(parse_list_result(list(inside)));
  EXPECT_TRUE(parse_list_result(list(inside + object("1000"))).failed_with(Code::corrupt));
}

TEST(S3Xml, EntitiesOfADocumentTypeAreNotExpanded) {
  const std::string bomb =
      "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY file SYSTEM "
      "\"file:///etc/passwd\">]>"
      "<ListBucketResult><IsTruncated>false</IsTruncated>" +
      object("&lol;&file;") + "</ListBucketResult>";
  const auto result = parse_list_result(bomb);
  if (result) {
    EXPECT_EQ(result->objects.at(0).key, "&lol;&file;");
  }
}

TEST(S3Xml, ADeepDocumentDoesNoHarm) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i)
    deep += "<a>";
  EXPECT_FALSE(parse_list_result(deep));
  for (int i = 0; i < 200'000; ++i)
    deep += "</a>";
  EXPECT_FALSE(parse_list_result(deep));
  EXPECT_FALSE(parse_error_document(deep));
}

TEST(S3Xml, AnErrorIsRead) {
  const auto document = parse_error_document(
      "<?xml version=\"1.0\" "
      "encoding=\"UTF-8\"?><Error><Code>AuthorizationHeaderMalformed</Code><Message>expecting "
      "&apos;eu-west-1&apos;</Message><Region>eu-west-1</Region><ServerTime>2026-02-21T10:00:00Z</"
      "ServerTime></Error>");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(document->message, "expecting 'eu-west-1'");
  EXPECT_EQ(document->region, "eu-west-1");
  EXPECT_EQ(document->server_time, "2026-02-21T10:00:00Z");
  EXPECT_EQ(document->endpoint, "");
}

TEST(S3Xml, TheErrorOfStsIsRead) {
  const auto document = parse_error_document(
      "<ErrorResponse "
      "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</"
      "Type><Code>InvalidClientTokenId"
      "</Code></Error></ErrorResponse>");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->code, "InvalidClientTokenId");
}

TEST(S3Xml, WordsOfAnErrorAreMadeFitToBeShown) {
  const auto document = parse_error_document("<Error><Message>one&#10;two&#27;[31m" +
                                             std::string(5000, 'x') + "</Message></Error>");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->message.size(), 1024U);
  EXPECT_TRUE(document->message.starts_with("one two [31mxxx"));
  EXPECT_EQ(parse_error_document("<Error><Message>\xFF\xFE</Message></Error>")->message, "");
}

TEST(S3Xml, WhatIsNoErrorDocumentIsNone) {
  for (const std::string_view xml :
       {"", "<html></html>", "<Error>", "{\"error\": 1}", "<Errors/>"}) {
    EXPECT_FALSE(parse_error_document(xml)) << xml;
  }
}

RC_GTEST_PROP(S3Xml, AnyBytesAreReadWithoutHarm, (const std::string& noise)) {
  static_cast<void>(parse_error_document(noise));
  static_cast<void>(parse_list_result(noise));
  const std::string whole = list("<IsTruncated>false</IsTruncated>" + object("a") + object("b"));
  const auto at = *rc::gen::inRange<std::size_t>(0, whole.size());
  std::string damaged = whole;
  damaged.replace(at, std::min(noise.size(), whole.size() - at), noise);
  const auto result = parse_list_result(damaged);
  RC_ASSERT((!result || result->objects.size() <= 1000));
}

}  // namespace
}  // namespace mikura
