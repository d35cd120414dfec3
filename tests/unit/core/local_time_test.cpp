// tests/unit/core/local_time_test.cpp: which day it is, where clocks are changed and dates are skipped.
#include "domain/core/local_time.hpp"

#include <thread>

#include "tests/support/given.hpp"

namespace kiroku {
namespace {

using test::at;
using test::date;

struct Moment {
    const char* instant;
    const char* timezone;
    const char* day;
};

}  // namespace

TEST_SUITE("core/local_time") {
TEST_CASE("the day is that of the wall calendar") {
    for (const auto& [instant, timezone, day] : {
             Moment{"2026-03-28T22:59:59.999Z", "Europe/Berlin", "2026-03-28"},  // winter time, one hour ahead
             Moment{"2026-03-28T23:00:00Z", "Europe/Berlin", "2026-03-29"},
             Moment{"2026-03-29T21:59:59.999Z", "Europe/Berlin", "2026-03-29"},  // 23 hours long: two hours ahead now
             Moment{"2026-03-29T22:00:00Z", "Europe/Berlin", "2026-03-30"},
             Moment{"2026-10-24T22:00:00Z", "Europe/Berlin", "2026-10-25"},  // 25 hours long
             Moment{"2026-10-25T22:59:59.999Z", "Europe/Berlin", "2026-10-25"},
             Moment{"2026-10-25T23:00:00Z", "Europe/Berlin", "2026-10-26"},
             Moment{"2026-03-08T04:59:59Z", "America/New_York", "2026-03-07"},
             Moment{"2026-03-08T05:00:00Z", "America/New_York", "2026-03-08"},
             Moment{"2026-03-09T03:59:59Z", "America/New_York", "2026-03-08"},
             Moment{"2026-03-09T04:00:00Z", "America/New_York", "2026-03-09"},
             Moment{"2026-11-01T04:00:00Z", "America/New_York", "2026-11-01"},
             Moment{"2026-11-02T04:59:59Z", "America/New_York", "2026-11-01"},
             Moment{"2026-11-02T05:00:00Z", "America/New_York", "2026-11-02"},
             Moment{"2026-03-06T18:14:59Z", "Asia/Kathmandu", "2026-03-06"},  // 5:45 ahead
             Moment{"2026-03-06T18:15:00Z", "Asia/Kathmandu", "2026-03-07"},
             Moment{"2011-12-30T09:59:59Z", "Pacific/Apia", "2011-12-29"},  // 30 December 2011 was left out there
             Moment{"2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31"},
             Moment{"2026-03-06T10:59:59Z", "Pacific/Pago_Pago", "2026-03-05"},  // neighbours, a day apart
             Moment{"2026-03-06T10:59:59Z", "Pacific/Apia", "2026-03-06"},
             Moment{"2026-03-06T11:00:00Z", "Pacific/Apia", "2026-03-07"},
             Moment{"1969-12-31T23:59:59.999Z", "UTC", "1969-12-31"},
         }) {
        CAPTURE(instant);
        CAPTURE(timezone);
        CHECK(local_date(at(instant), timezone) == date(day));
    }
}

TEST_CASE("only names of the IANA database are time zones") {
    for (const auto* name :
         {"Europe/Berlin", "US/Eastern", "Asia/Katmandu", "Etc/UTC", "UTC", "America/Argentina/Ushuaia"}) {
        CAPTURE(name);
        CHECK(is_timezone(name));
    }
    for (const auto* name : {"", "localtime", "Berlin", "europe/berlin", "Europe/Berlin ", "+01:00",
                             "posix/Europe/Berlin", "../../../etc/passwd", "Europe", "Europe/", "zone.tab"}) {
        CAPTURE(name);
        CHECK_FALSE(is_timezone(name));
        CHECK_FALSE(local_date(at("2026-03-06T12:00:00Z"), name).has_value());
    }
}

TEST_CASE("weeks begin on Monday and know no year") {
    CHECK(monday_of(date("2026-12-28")) == date("2026-12-28"));  // week 53 of 2026 …
    CHECK(monday_of(date("2026-12-31")) == date("2026-12-28"));
    CHECK(monday_of(date("2027-01-03")) == date("2026-12-28"));  // … ends here
    CHECK(monday_of(date("2027-01-04")) == date("2027-01-04"));  // week 1 of 2027
    CHECK(monday_of(date("2024-12-30")) == date("2024-12-30"));  // week 1 of 2025 begins in 2024
    CHECK(monday_of(date("2025-01-05")) == date("2024-12-30"));
    CHECK(monday_of(date("1970-01-01")) == date("1969-12-29"));
    CHECK(monday_of(date("1969-12-28")) == date("1969-12-22"));
}

TEST_CASE("many threads may ask at once") {
    std::array<int, 4> wrong{};
    std::vector<std::jthread> threads;
    for (auto& mine : wrong) {
        threads.emplace_back([&mine] {
            for (const auto* zone : {"Africa/Casablanca", "America/Godthab", "Asia/Tehran", "Australia/Lord_Howe"}) {
                for (int i = 0; i < 100; ++i) mine += local_date(Instant{}, zone) ? 0 : 1;
            }
        });
    }
    threads.clear();
    CHECK(wrong == std::array<int, 4>{});
}
}

}  // namespace kiroku
