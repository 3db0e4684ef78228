#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "store/open_store.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

// The canonical text of what was parsed, or why not.
std::string canonical(std::string_view text) {
  auto url = StoreUrl::parse(text);
  return url ? url->to_string() : std::string(code_name(url.error().code()));
}

Error refusal(std::string_view text) {
  auto url = StoreUrl::parse(text);
  EXPECT_TRUE(url.failed_with(Code::invalid)) << text;
  return url ? Error(Code::internal, "accepted") : std::move(url).error();
}

TEST(StoreUrl, OfAFolder) {
  EXPECT_EQ(StoreUrl::parse("file:///data/store")->path, "/data/store");
  EXPECT_EQ(canonical("file:///data/store/"), "file:///data/store");
  EXPECT_EQ(canonical("file:////data//store//"), "file:///data/store");
  EXPECT_EQ(canonical("FILE:///data"), "file:///data");
  EXPECT_EQ(canonical("file:/data"), "file:///data");
  EXPECT_EQ(canonical("file://localhost/data"), "file:///data");
  EXPECT_EQ(canonical("file:///"), "file:///");
  EXPECT_EQ(StoreUrl::parse("file:///my%20store/100%25")->path, "/my store/100%");
  EXPECT_EQ(canonical("file:///my store"), "file:///my%20store");
  EXPECT_EQ(canonical("file:///\xe5\x80\x89"), "file:///\xe5\x80\x89")
      << "other scripts stay readable";
  EXPECT_EQ(canonical("file:///%E5%80%89"), "file:///\xe5\x80\x89");
  EXPECT_EQ(canonical("file:///%ff"), "file:///%FF") << "what is no text stays encoded";
  EXPECT_EQ(canonical("file:///a%3Fb%23c"), "file:///a%3Fb%23c");
}

TEST(StoreUrl, OfABucket) {
  auto url = StoreUrl::parse(
      "s3://bucket/some/prefix?endpoint=http://"
      "127.0.0.1:9000&region=eu-central-1&path_style=true&profile=work");
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(url->scheme, StoreUrl::Scheme::s3);
  EXPECT_EQ(url->bucket, "bucket");
  EXPECT_EQ(url->prefix, "some/prefix");
  EXPECT_EQ(url->endpoint, "http://127.0.0.1:9000");
  EXPECT_EQ(url->region, "eu-central-1");
  EXPECT_EQ(url->path_style, true);
  EXPECT_EQ(url->profile, "work");
  EXPECT_EQ(canonical("s3://bucket"), "s3://bucket");
  EXPECT_EQ(canonical("S3://bucket/"), "s3://bucket");
  EXPECT_EQ(canonical("s3://bucket/prefix/"), "s3://bucket/prefix");
  EXPECT_EQ(canonical("s3://bucket?region=auto"), "s3://bucket?region=auto");
  EXPECT_EQ(canonical("s3://bucket?profile=a%26b%3Dc"), "s3://bucket?profile=a%26b=c");
  EXPECT_EQ(canonical("s3://bucket?path_style=false&endpoint=https%3A%2F%2FExample.com/"),
            "s3://bucket?endpoint=https://example.com&path_style=false");
}

TEST(StoreUrl, RefusesWhatIsNoAbsoluteFolder) {
  for (const std::string_view text :
       {"file://relative", "file://relative/path", "file:relative", "file://",
        "file:", "file://~/store", "file://./store", "file:///a/../b", "file:///a/./b",
        "file:///a?x=y", "file:///a#b", "file:///a%", "file:///a%2", "file:///a%zz",
        "file:///a%00b", "file:///a\nb", "file:///a%0Ab"}) {
    const Error error = refusal(text);
    EXPECT_FALSE(error.hint().empty()) << text;
  }
  EXPECT_NE(refusal("file://relative").hint().find("file:///home/me/store"), std::string::npos);
}

TEST(StoreUrl, RefusesWhatIsNoBucket) {
  for (const std::string_view text : {"s3://",
                                      "s3:",
                                      "s3:bucket",
                                      "s3:///prefix",
                                      "s3://ab",
                                      "s3://bucket//prefix",
                                      "s3://bucket/a//b",
                                      "s3://bucket/a/../b",
                                      "s3://bucket/.",
                                      "s3://bucket/%ff",
                                      "s3://-bucket",
                                      "s3://bucket-",
                                      "s3://buc ket",
                                      "s3://bucket#x",
                                      "s3://bucket?region",
                                      "s3://bucket?region=",
                                      "s3://bucket?region=a&region=b",
                                      "s3://bucket?path_style=1",
                                      "s3://bucket?endpoint=ftp://x",
                                      "s3://bucket?endpoint=localhost:9000",
                                      "s3://bucket?colour=red",
                                      "s3://bucket?region=a/b"}) {
    EXPECT_FALSE(refusal(text).message().empty()) << text;
  }
  EXPECT_TRUE(StoreUrl::parse("s3://bucket/" + std::string(500, 'p')));
  EXPECT_FALSE(StoreUrl::parse("s3://bucket/" + std::string(501, 'p')));
}

TEST(StoreUrl, HelpsWithWhatPeopleType) {
  EXPECT_EQ(refusal("/home/me/my store").hint(), "Write file:///home/me/my%20store.");
  EXPECT_NE(refusal("").hint().find("file:///"), std::string::npos);
  EXPECT_NE(refusal("bucket/prefix").hint().find("s3://"), std::string::npos);
  EXPECT_NE(refusal("https://minio.example.com/bucket").hint().find("endpoint="),
            std::string::npos);
  EXPECT_NE(refusal("s3://bucket?colour=red").message().find("colour"), std::string::npos);
}

TEST(StoreUrl, NeitherTakesNorRepeatsCredentials) {
  for (const std::string_view text :
       {"s3://AKIAEXAMPLE:HUSHHUSH@bucket/prefix", "s3://AKIAEXAMPLE@bucket",
        "s3://AKIAEXAMPLE:HUSHHUSH", "s3://bucket?endpoint=https://AKIAEXAMPLE:HUSHHUSH@host",
        "s3://bucket?secret_access_key=HUSHHUSH", "s3://bucket?HUSHHUSH",
        "s3://bucket?region=HUSH@HUSH", "file://AKIAEXAMPLE:HUSHHUSH@host/path",
        "http://AKIAEXAMPLE:HUSHHUSH@host/bucket"}) {
    const Error error = refusal(text);
    const std::string said = error.message() + error.hint();
    EXPECT_EQ(said.find("HUSH"), std::string::npos) << said;
    EXPECT_EQ(said.find("AKIA"), std::string::npos) << said;
  }
}

std::string text_of(const std::vector<std::string>& pieces, std::size_t least, std::size_t most) {
  const auto chosen =
      *rc::gen::resize(static_cast<int>(most),
                       rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)));
  std::string text;
  for (const std::string& piece : chosen)
    text += piece;
  while (text.size() < least)
    text += "x";
  return text;
}

// Folders with everything that a URL gives a meaning to.
std::string any_folders(bool bytes) {
  std::vector<std::string> pieces = {"a",
                                     "Z",
                                     "0",
                                     "-",
                                     ".x",
                                     "_",
                                     "~",
                                     "%",
                                     "%41",
                                     "?",
                                     "#",
                                     "&",
                                     "=",
                                     "+",
                                     " ",
                                     "@",
                                     ":",
                                     ";",
                                     "\"",
                                     "\\",
                                     "\xc3\xa9",
                                     "\xe5\x80\x89",
                                     "\xf0\x9f\x93\xa6"};
  if (bytes) pieces.emplace_back("\xff");
  std::string out;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
    out += (out.empty() ? "" : "/") + text_of(pieces, 1, 8);
  return out;
}

RC_GTEST_PROP(StoreUrl, OfAnyFolderIsParsedAsItWasPrinted, ()) {
  StoreUrl url;
  url.path = "/" + any_folders(true);
  const auto parsed = StoreUrl::parse(url.to_string());
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(*parsed == url);
}

RC_GTEST_PROP(StoreUrl, OfAnyBucketIsParsedAsItWasPrinted, ()) {
  StoreUrl url;
  url.scheme = StoreUrl::Scheme::s3;
  url.bucket = "b" + text_of({"a", "9", "-", ".", "_"}, 1, 20) + "t";
  url.prefix = any_folders(false);
  url.endpoint = *rc::gen::element<std::string>("", "http://127.0.0.1:9000",
                                                "https://s3.example.com", "http://[::1]:9000");
  url.region = *rc::gen::element<std::string>("", "us-east-1", "auto");
  url.profile = *rc::gen::inRange(0, 2) == 0
                    ? ""
                    : text_of({"a", " ", "&", "=", "%", "+", "?", "\xc3\xa9"}, 1, 10);
  url.path_style = *rc::gen::element<std::optional<bool>>(std::nullopt, true, false);
  const auto parsed = StoreUrl::parse(url.to_string());
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(*parsed == url);
}

RC_GTEST_PROP(StoreUrl, OfAnyTextIsRefusedOrStable, (const std::string& text)) {
  for (const std::string_view start : {"", "s3://", "s3://bucket/", "s3://bucket?", "file:///"}) {
    const auto url = StoreUrl::parse(std::string(start) + text);
    if (!url) continue;
    const auto again = StoreUrl::parse(url->to_string());
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == *url);
  }
}

TEST(OpenStore, OpensAFolderAndTracesIt) {
  const TempFolder folder;
  std::vector<std::string> verbs;
  OpenStoreOptions options;
  options.trace = [&](const StoreRequest& request) { verbs.push_back(request.verb); };
  const StoreUrl url = *StoreUrl::parse("file://" + folder.path() + "/new");
  EXPECT_TRUE(open_store(url, options).failed_with(Code::not_found));
  options.create_directory = true;
  auto store = open_store(url, options);
  ASSERT_TRUE(store) << store.error().message();
  EXPECT_TRUE((*store)->put("HEAD", as_bytes("x"), PutCondition::none(), {}));
  EXPECT_TRUE((*store)->flush({}));
  EXPECT_EQ(verbs, (std::vector<std::string>{"put", "flush"}));
  EXPECT_EQ((*store)->describe(), url.to_string());
}

}  // namespace
}  // namespace mikura
