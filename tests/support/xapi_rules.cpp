#include "tests/support/xapi_rules.hpp"

#include <boost/json/src.hpp>
#include <cmath>
#include <initializer_list>
#include <regex>
#include <set>

namespace kiroku::test {
namespace {

using boost::json::object;
using boost::json::value;

const std::regex uuid{"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
const std::regex iri{"[a-z][a-z0-9+.-]*:[^\\s\"<>\\\\^`{|}]+"};
const std::regex timestamp{
    "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?Z"};
const std::regex duration{
    "P(?=.)([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]+)?S)?)?"};
const std::regex language{"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"};

class Check {
public:
    std::vector<std::string> faults;

    void statement(const value& it) {
        const auto* all =
            members(it, "", {"id", "actor", "verb", "object", "timestamp"}, {"result", "context", "version"});
        if (all == nullptr) return;
        text(*all, "id", uuid);
        text(*all, "timestamp", timestamp);
        text(*all, "version", std::regex{"1\\.0\\.[0-9]"});
        if (const auto* one = all->if_contains("actor")) actor(*one);
        if (const auto* one = all->if_contains("verb")) verb(*one);
        if (const auto* one = all->if_contains("object")) activity(*one);
        if (const auto* one = all->if_contains("result")) result(*one);
        if (const auto* one = all->if_contains("context")) context(*one);
    }

private:
    void fault(const std::string& where, const std::string& what) { faults.push_back(where + ": " + what); }

    using Names = std::set<std::string_view>;

    /// Nothing if it is no object.
    const object* members(const value& it, const std::string& where, const Names& needed, const Names& allowed) {
        if (!it.is_object()) {
            fault(where, "is no object");
            return nullptr;
        }
        for (const auto name : needed)
            if (!it.get_object().contains(name)) fault(where + '/' + std::string{name}, "is missing");
        for (const auto& [name, member] : it.get_object()) {
            if (!needed.contains(name) && !allowed.contains(name)) fault(where + '/' + std::string{name}, "is unknown");
            if (member.is_null()) fault(where + '/' + std::string{name}, "is null");
        }
        return &it.get_object();
    }

    /// If it is there.
    void text(const object& in, std::string_view name, const std::regex& form) {
        const auto* it = in.if_contains(name);
        if (it == nullptr) return;
        if (!it->is_string() || !std::regex_match(it->get_string().c_str(), form))
            fault(std::string{name}, "has another form: " + boost::json::serialize(*it));
    }

    void actor(const value& it) {
        const auto* agent = members(it, "actor", {"account"}, {"objectType"});
        if (agent == nullptr || !agent->contains("account")) return;
        text(*agent, "objectType", std::regex{"Agent"});
        const auto* account = members(agent->at("account"), "actor/account", {"homePage", "name"}, {});
        if (account == nullptr) return;
        text(*account, "homePage", iri);
        text(*account, "name", std::regex{"[^@]+"});
    }

    void languages(const object& in, std::string_view name) {
        const auto* it = in.if_contains(name);
        if (it == nullptr) return;
        if (!it->is_object() || it->get_object().empty()) return fault(std::string{name}, "is no language map");
        for (const auto& [tag, said] : it->get_object()) {
            if (!std::regex_match(std::string{tag}, language) || !said.is_string())
                fault(std::string{name}, "is no language map");
        }
    }

    void verb(const value& it) {
        const auto* one = members(it, "verb", {"id", "display"}, {});
        if (one == nullptr) return;
        text(*one, "id", iri);
        languages(*one, "display");
    }

    void activity(const value& it) {
        const auto* one = members(it, "object", {"id", "objectType"}, {"definition"});
        if (one == nullptr) return;
        text(*one, "id", iri);
        text(*one, "objectType", std::regex{"Activity"});
        if (!one->contains("definition")) return;
        const auto* defined = members(one->at("definition"), "object/definition", {"type"}, {"name", "description"});
        if (defined == nullptr) return;
        text(*defined, "type", iri);
        languages(*defined, "name");
    }

    void result(const value& it) {
        const auto* one = members(it, "result", {}, {"score", "success", "completion", "duration"});
        if (one == nullptr) return;
        text(*one, "duration", duration);
        for (const auto* name : {"success", "completion"})
            if (one->contains(name) && !one->at(name).is_bool()) fault(name, "is neither true nor false");
        if (!one->contains("score")) return;
        const auto* score = members(one->at("score"), "score", {}, {"scaled", "raw", "min", "max"});
        if (score != nullptr) bounds(*score);
    }

    static double number(const object& in, std::string_view name) {
        const auto* it = in.if_contains(name);
        return it != nullptr && it->is_number() ? it->to_number<double>() : std::nan("");
    }

    /// All four are there, for ours.
    void bounds(const object& score) {
        const double scaled = number(score, "scaled"), raw = number(score, "raw"), min = number(score, "min"),
                     max = number(score, "max");
        if (!(scaled >= -1 && scaled <= 1)) fault("score/scaled", "is not within -1 and 1");
        if (!(min < max && raw >= min && raw <= max)) fault("score/raw", "is not within min and max");
        if (!(std::abs(scaled - (raw - min) / (max - min)) < 1e-9)) fault("score", "scaled is another share than raw");
    }

    void context(const value& it) {
        const auto* one = members(it, "context", {}, {"registration", "platform", "language", "extensions"});
        if (one == nullptr) return;
        text(*one, "registration", uuid);
        text(*one, "platform", std::regex{".+"});
        if (!one->contains("extensions")) return;
        if (!one->at("extensions").is_object()) return fault("extensions", "is no object");
        for (const auto& [name, extension] : one->at("extensions").get_object())
            if (!std::regex_match(std::string{name}, iri)) fault("extensions", std::string{name} + " is no IRI");
    }
};

}  // namespace

std::vector<std::string> faults_of_statement(std::string_view json) {
    boost::json::error_code malformed;
    const auto parsed = boost::json::parse(boost::json::string_view{json.data(), json.size()}, malformed);
    if (malformed) return {"it is not JSON: " + malformed.message()};
    Check check;
    check.statement(parsed);
    return std::move(check.faults);
}

}  // namespace kiroku::test
