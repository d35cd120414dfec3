// gateway/core/coding.cpp: answers made smaller for who can read them.
#include "gateway/core/coding.hpp"

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>

#include "gateway/core/fields.hpp"

namespace kiroku::gateway {
namespace {

constexpr int gzip_level = 5;
constexpr int brotli_quality = 4;  // as fast as gzip's level, and smaller
constexpr int gzip_window = MAX_WBITS + 16;
constexpr int gzip_memory = 8;

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view take(std::string_view& list, char separator) {
    const auto one = list.substr(0, list.find(separator));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    return trimmed(one);
}

/// "q=0", "q=0.000": not this one.
bool is_refusal(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto one = take(parameters, ';');
        if (one.size() < 3 || !equal_ignoring_case(one.substr(0, 2), "q=")) continue;
        return one.substr(2).find_first_not_of("0.") == std::string_view::npos;
    }
    return false;
}

class Gzip {
public:
    Gzip() {
        if (deflateInit2(&stream_, gzip_level, Z_DEFLATED, gzip_window, gzip_memory, Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::bad_alloc{};
        }
    }
    ~Gzip() { deflateEnd(&stream_); }
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;

    std::string take(std::string_view text, int flush) {
        std::string out;
        std::array<char, 16 * 1024> space;
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib doesn't write to it
        stream_.avail_in = static_cast<uInt>(text.size());
        do {
            stream_.next_out = reinterpret_cast<Bytef*>(space.data());
            stream_.avail_out = space.size();
            deflate(&stream_, flush);
            out.append(space.data(), space.size() - stream_.avail_out);
        } while (stream_.avail_out == 0);
        return out;
    }

private:
    z_stream stream_{};
};

std::string in_brotli(std::string_view text) {
    std::string out(BrotliEncoderMaxCompressedSize(text.size()), '\0');
    std::size_t size = out.size();
    const bool fits = BrotliEncoderCompress(brotli_quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, text.size(),
                                            reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                            reinterpret_cast<std::uint8_t*>(out.data())) == BROTLI_TRUE;
    if (!fits) throw std::bad_alloc{};
    out.resize(size);
    return out;
}

class Gzipped final : public BodySource {
public:
    explicit Gzipped(std::shared_ptr<BodySource> body) : body_{std::move(body)} {}

    Task<std::string> next() override {
        if (ended_) co_return std::string{};
        const std::string piece = co_await body_->next();
        ended_ = piece.empty();
        co_return gzip_.take(piece, ended_ ? Z_FINISH : Z_SYNC_FLUSH);
    }
    void give_up() override { body_->give_up(); }

private:
    std::shared_ptr<BodySource> body_;
    Gzip gzip_;
    bool ended_ = false;
};

}  // namespace

std::string_view to_string(Coding coding) {
    switch (coding) {
        case Coding::identity: return "identity";
        case Coding::gzip: return "gzip";
        case Coding::brotli: return "br";
    }
    return "";
}

Accepted Accepted::read(std::string_view accept_encoding) {
    Accepted accepted;
    while (!accept_encoding.empty()) {
        auto one = take(accept_encoding, ',');
        const auto name = take(one, ';');
        if (is_refusal(one)) continue;
        accepted.brotli = accepted.brotli || equal_ignoring_case(name, "br");
        accepted.gzip = accepted.gzip || equal_ignoring_case(name, "gzip");
    }
    return accepted;
}

Coding Accepted::best() const {
    if (brotli) return Coding::brotli;
    return gzip ? Coding::gzip : Coding::identity;
}

bool is_text(std::string_view media) {
    return media.find("json") != std::string_view::npos || media.starts_with("text/");
}

std::string encoded(Coding coding, std::string_view text) {
    switch (coding) {
        case Coding::identity: return std::string{text};
        case Coding::gzip: return Gzip{}.take(text, Z_FINISH);
        case Coding::brotli: return in_brotli(text);
    }
    return {};
}

std::shared_ptr<BodySource> gzipped(std::shared_ptr<BodySource> body) {
    return std::make_shared<Gzipped>(std::move(body));
}

}  // namespace kiroku::gateway
