#include "infra/tracing/exporter.hpp"

#include <curl/curl.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>

namespace kiroku::tracing {
namespace {

using std::chrono::steady_clock;

std::size_t ignore(char*, std::size_t size, std::size_t count, void*) { return size * count; }

/// One connection to the collector, kept open. Not through proxies, not beyond redirects.
class Post {
public:
    Post(const std::string& url, std::chrono::milliseconds patience) : curl_(curl_easy_init()) {
        headers_ = curl_slist_append(nullptr, "Content-Type: application/json");
        headers_ = curl_slist_append(headers_, "Expect:");
        curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl_, CURLOPT_PROXY, "");
        curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
        curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, static_cast<long>(patience.count()));
        curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &ignore);
        curl_easy_setopt(curl_, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl_, CURLOPT_XFERINFOFUNCTION, &Post::look);
        curl_easy_setopt(curl_, CURLOPT_XFERINFODATA, this);
    }
    ~Post() {
        curl_easy_cleanup(curl_);
        curl_slist_free_all(headers_);
    }
    Post(const Post&) = delete;
    Post& operator=(const Post&) = delete;

    /// What went wrong; empty: it was taken.
    std::string operator()(const std::string& body) {
        curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.data());
        curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        if (const auto failed = curl_easy_perform(curl_); failed != CURLE_OK) return curl_easy_strerror(failed);
        long status = 0;
        curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
        return status >= 200 && status < 300 ? "" : "it answers " + std::to_string(status);
    }

    /// From any thread: what is under way ends by then.
    void end_by(steady_clock::time_point time) { end_by_ = time; }
    [[nodiscard]] bool is_over() const { return steady_clock::now() >= end_by_.load(); }

private:
    static int look(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return static_cast<Post*>(self)->is_over() ? 1 : 0;
    }

    CURL* curl_;
    curl_slist* headers_ = nullptr;
    std::atomic<steady_clock::time_point> end_by_{steady_clock::time_point::max()};
};

}  // namespace

struct Exporter::Worker {
    explicit Worker(Settings given)
        : settings(std::move(given)),
          post(settings.url, settings.patience),
          thread([this](const auto& stop) { run(stop); }) {}

    ~Worker() {
        post.end_by(steady_clock::now() + settings.farewell);
        thread.request_stop();
        thread.join();
    }

    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            send(taken(stop));
        }
        for (auto rest = taken(stop); !rest.empty(); rest = taken(stop)) {
            if (post.is_over()) {
                failed += rest.size();
            } else {
                send(rest);
            }
        }
    }

    /// A batch, at once if one is full, or what is there after a pause.
    std::vector<Span> taken(const std::stop_token& stop) {
        std::unique_lock lock{mutex};
        changed.wait_for(lock, stop, settings.pause, [this] { return waiting.size() >= settings.batch; });
        const auto size = static_cast<std::ptrdiff_t>(std::min(waiting.size(), settings.batch));
        std::vector<Span> batch{std::make_move_iterator(waiting.begin()),
                                std::make_move_iterator(waiting.begin() + size)};
        waiting.erase(waiting.begin(), waiting.begin() + size);
        return batch;
    }

    void send(const std::vector<Span>& spans) {
        if (spans.empty()) return;
        const auto problem = post(export_request(settings.origin, spans));
        (problem.empty() ? exported : failed) += spans.size();
        if (problem.empty() == working) return;
        working = problem.empty();
        if (working) {
            spdlog::info("the collector of traces takes spans again");
        } else {
            spdlog::warn("the collector of traces takes no spans ({}); they are dropped until it does", problem);
        }
    }

    Settings settings;
    Post post;
    std::mutex mutex;  // guards the next one
    std::deque<Span> waiting;
    std::condition_variable_any changed;
    std::atomic<std::uint64_t> exported = 0, dropped = 0, failed = 0;
    bool working = true;
    std::jthread thread;  // last: uses all of the above
};

Exporter::Exporter(Settings settings) : worker_(std::make_unique<Worker>(std::move(settings))) {}
Exporter::~Exporter() = default;

void Exporter::add(Span span) {
    const std::lock_guard lock{worker_->mutex};
    if (worker_->waiting.size() >= worker_->settings.most_waiting) {
        ++worker_->dropped;
        return;
    }
    worker_->waiting.push_back(std::move(span));
    if (worker_->waiting.size() == worker_->settings.batch) worker_->changed.notify_one();
}

Exporter::Counts Exporter::counts() const { return {worker_->exported, worker_->dropped, worker_->failed}; }

}  // namespace kiroku::tracing
