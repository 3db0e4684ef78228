#include "net/uri.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace mikura {
namespace {

TEST(Uri, EncodesAllButTheUnreservedCharacters) {
  EXPECT_EQ(uri_encode("AZaz09-._~", Slash::encode), "AZaz09-._~");
  EXPECT_EQ(uri_encode("a b+c=d&e/f", Slash::encode), "a%20b%2Bc%3Dd%26e%2Ff");
  EXPECT_EQ(uri_encode("a/b$c", Slash::keep), "a/b%24c");
  EXPECT_EQ(uri_encode("\xE1\x88\xB4", Slash::keep), "%E1%88%B4");
  EXPECT_EQ(uri_encode(std::string_view("\0\x7F", 2), Slash::keep), "%00%7F");
}

TEST(Uri, DecodesWhatIsEncodedAndLeavesTheRest) {
  EXPECT_EQ(uri_decode("a%20b%2fc%2Fd"), "a b/c/d");
  EXPECT_EQ(uri_decode("100%"), "100%");
  EXPECT_EQ(uri_decode("%2"), "%2");
  EXPECT_EQ(uri_decode("%zz%4"), "%zz%4");
  EXPECT_EQ(uri_decode("a+b"), "a+b");
  EXPECT_EQ(form_decode("a+b%2B"), "a b+");
}

RC_GTEST_PROP(Uri, DecodingUndoesEncoding, (const std::string& text)) {
  RC_ASSERT(uri_decode(uri_encode(text, Slash::encode)) == text);
  RC_ASSERT(uri_decode(uri_encode(text, Slash::keep)) == text);
  RC_ASSERT(form_decode(uri_encode(text, Slash::encode)) == text);
}

TEST(Endpoint, IsReadAndWritten) {
  for (const std::string_view text :
       {"https://s3.example.com", "http://127.0.0.1:9000", "https://example.com:8443",
        "http://[::1]:9000", "https://project.supabase.co/storage/v1/s3"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(endpoint->to_string(), text);
  }
  EXPECT_EQ(Endpoint::parse("HTTPS://x"  // schemes are written in lower case
                            )
                .has_value(),
            false);
  EXPECT_EQ(Endpoint::parse("https://Example.COM:443/")->to_string(), "https://example.com");
  EXPECT_EQ(Endpoint::parse("http://example.com:80")->authority(), "example.com");
  EXPECT_EQ(Endpoint::parse("https://example.com")->host_and_port(), "example.com:443");
}

TEST(Endpoint, OfAnotherFormIsRefused) {
  for (const std::string_view text :
       {"", "example.com", "ftp://example.com", "https://", "https:///x", "https://host:0",
        "https://host:65536", "https://host:port", "https://host:", "https://host name",
        "https://host?x=1", "https://host#x", "https://[zz]", "https://[", "https://-x",
        "https://host/a b", "https://host:12:13", "http://ho\nst"}) {
    const auto endpoint = Endpoint::parse(text);
    EXPECT_TRUE(endpoint.failed_with(Code::invalid)) << text;
    if (!endpoint) {
      EXPECT_FALSE(endpoint.error().hint().empty());
    }
  }
}

TEST(Endpoint, WithAPasswordIsRefusedWithoutRepeatingIt) {
  const auto endpoint = Endpoint::parse("https://user:hunter2@example.com");
  ASSERT_TRUE(endpoint.failed_with(Code::invalid));
  EXPECT_EQ(endpoint.error().message().find("hunter2"), std::string::npos);
}

TEST(Endpoint, KnowsLoopback) {
  for (const std::string_view text :
       {"http://localhost:9000", "http://127.0.0.1", "http://127.1.2.3", "http://[::1]:1",
        "http://bucket.localhost"}) {
    EXPECT_TRUE(Endpoint::parse(text)->is_loopback()) << text;
  }
  for (const std::string_view text :
       {"http://10.0.0.1", "http://127.example.com", "http://notlocalhost", "http://[::2]"}) {
    EXPECT_FALSE(Endpoint::parse(text)->is_loopback()) << text;
  }
}

}  // namespace
}  // namespace mikura
