// One HTTP request that is in memory.
#include "runtime/http_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/random.h"

namespace coppice {
namespace {

using testing::HasSubstr;

TEST(HttpRequestText, IsReadWithItsQueryHeadersAndBody) {
    const auto request = parse_http_request(
        "POST /v1/a%20b/c?x=1&y=%2f&z HTTP/1.1\r\nHost: x\r\nContent-Length:  4\r\n\r\nbody+");
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->method, "POST");
    EXPECT_EQ(request->path, "/v1/a b/c");
    EXPECT_EQ(request->query.at("y"), "/");
    EXPECT_EQ(request->query.at("z"), "");
    EXPECT_EQ(request->headers.at("content-length"), "4");
    EXPECT_EQ(request->body, "body");
}

TEST(HttpRequestText, ThatIsNotWellFormedIsRefused) {
    for (const char* text :
         {"", "GET", "GET /\r\n\r\n", "GET / HTTP/1.1\r\n", "GET x HTTP/1.1\r\n\r\n",
          " / HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.1\r\n\r\n", "GET /%2 HTTP/1.1\r\n\r\n",
          "GET / HTTP/2\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
          "GET / HTTP/1.1\r\na b: c\r\n\r\n", "GET / HTTP/1.1\r\na: 1\r\nA: 2\r\n\r\n",
          "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "GET / HTTP/1.1\r\nContent-Length: 1x\r\n\r\nab",
          "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
          "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc",
          "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"})
        EXPECT_FALSE(parse_http_request(text).ok()) << text;
}

TEST(HttpRequestText, ThatIsChangedAtRandomIsReadOrRefused) {
    const std::string good =
        "PUT /v1/measurements/q?x=%41 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    Random random{3};
    for (int round = 0; round < 50'000; ++round) {
        std::string text = good.substr(0, random.below(good.size() + 1));
        for (std::uint64_t i = random.below(4); i > 0 && !text.empty(); --i)
            text[random.below(text.size())] = static_cast<char>(random.below(256));
        const auto request = parse_http_request(text);
        if (request.ok()) {
            EXPECT_LE(request->body.size(), text.size());
        }
    }
}

}  // namespace
}  // namespace coppice
