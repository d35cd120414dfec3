// tests/unit/gateway/coding_test.cpp: answers made smaller, read back by the libraries' other halves.
#include "gateway/core/coding.hpp"

#include <brotli/decode.h>
#include <doctest/doctest.h>
#include <zlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>

using namespace kiroku::gateway;

namespace {

std::string gunzipped(std::string_view bytes) {
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
    std::string text(4'000'000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    const int outcome = inflate(&stream, Z_SYNC_FLUSH);
    text.resize(stream.total_out);
    inflateEnd(&stream);
    CHECK((outcome == Z_STREAM_END || outcome == Z_OK));
    return text;
}

std::string unbrotlied(std::string_view bytes) {
    std::string text(4'000'000, '\0');
    std::size_t size = text.size();
    REQUIRE(BrotliDecoderDecompress(bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                                    reinterpret_cast<std::uint8_t*>(text.data())) == BROTLI_DECODER_RESULT_SUCCESS);
    text.resize(size);
    return text;
}

std::string long_text() {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += R"({"number":)" + std::to_string(i) + "}\n";
    return text;
}

Coding best_of(std::string_view accepted) { return Accepted::read(accepted).best(); }

struct Lines final : BodySource {
    std::deque<std::string> left;
    Task<std::string> next() override {
        if (left.empty()) co_return std::string{};
        auto one = std::move(left.front());
        left.pop_front();
        co_return one;
    }
    void give_up() override { left.clear(); }
};

}  // namespace

TEST_SUITE("gateway/coding") {
TEST_CASE("the best of what is accepted, and nothing that isn't") {
    CHECK(best_of("gzip, deflate, br") == Coding::brotli);
    CHECK(best_of("gzip;q=1.0, identity; q=0.5") == Coding::gzip);
    CHECK(best_of("GZIP") == Coding::gzip);
    CHECK(best_of("br;q=0, gzip") == Coding::gzip);
    CHECK(best_of("br; Q=0.000 ,gzip;q=0") == Coding::identity);
    CHECK(best_of("br;q=0.001") == Coding::brotli);
    for (const auto* none : {"", "identity", "*", "deflate", "bro", ",;,;q=1", "q=1;br"})
        CHECK(best_of(none) == Coding::identity);
}

TEST_CASE("what was made smaller is what it was") {
    const auto text = long_text();
    for (const auto& one : {std::string{}, std::string{"{}"}, text}) {
        CHECK(gunzipped(encoded(Coding::gzip, one)) == one);
        CHECK(unbrotlied(encoded(Coding::brotli, one)) == one);
        CHECK(encoded(Coding::identity, one) == one);
    }
    CHECK(encoded(Coding::gzip, text).size() * 5 < text.size());
    CHECK(encoded(Coding::brotli, text).size() * 5 < text.size());
}

TEST_CASE("a stream's pieces can each be read once they are there, and the whole is one file") {
    auto lines = std::make_shared<Lines>();
    lines->left = {"{\"a\":1}\n", long_text(), "{\"b\":2}\n"};
    const auto stream = gzipped(lines);
    std::vector<std::string> pieces;
    net::io_context io;
    net::co_spawn(
        io,
        [&]() -> Task<void> {
            for (auto piece = co_await stream->next(); !piece.empty(); piece = co_await stream->next())
                pieces.push_back(std::move(piece));
        },
        net::detached);
    io.run();
    REQUIRE(pieces.size() == 4);  // the last one is the end of the file
    CHECK(gunzipped(pieces[0]) == "{\"a\":1}\n");
    std::string all;
    for (const auto& piece : pieces) all += piece;
    CHECK(gunzipped(all) == "{\"a\":1}\n" + long_text() + "{\"b\":2}\n");
}
}
