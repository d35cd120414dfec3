#include "tests/support/strict_tables.hpp"

#include <map>

#include "projections/challenges/challenge_catalogue.hpp"
#include "projections/challenges/challenge_sessions.hpp"
#include "projections/engine/declare.hpp"
#include "projections/gamification/leaderboard.hpp"
#include "projections/gamification/xp_history.hpp"
#include "projections/identity/accounts.hpp"
#include "schemas/challenges/codec.hpp"
#include "schemas/gamification/codec.hpp"
#include "schemas/identity/codec.hpp"

namespace kiroku::test {
namespace {

using projections::Keep;
using projections::TableFold;
using projections::TableShape;

struct Refusal {
    std::string column, check;
};

const std::map<std::string, Refusal> refusals{
    {"accounts", {"display_name", "CHECK (display_name NOT LIKE 'refused%')"}},
    {"leaderboard_names", {"display_name", "CHECK (display_name NOT LIKE 'refused%')"}},
    {"leaderboard", {"xp", "CHECK (xp < 1000000)"}},
    {"xp_history", {"reason", "CHECK (reason NOT LIKE 'refused%')"}},
    {"challenge_catalogue", {"title", "CHECK (title NOT LIKE 'refused%')"}},
    {"challenge_sessions", {"challenge_type", "CHECK (challenge_type <> 'custom')"}},
};

TableShape stricter(TableShape shape) {
    const auto& refusal = refusals.at(shape.name);
    for (auto& column : shape.columns)
        if (column.name == refusal.column) column.check = refusal.check;
    return shape;
}

template <class Made>
class Strict : public Made {
public:
    using Made::Made;
    const TableShape& shape() const override {
        static const TableShape shape = stricter(Made::shape());
        return shape;
    }
};

template <class Fold>
std::unique_ptr<TableFold> folded(Keep keep) {
    return std::make_unique<Strict<projections::FoldTable<Fold>>>(keep);
}

std::unique_ptr<TableFold> history(Keep) {
    return std::make_unique<Strict<projections::HistoryTable<gamification::XpHistory>>>();
}

const std::map<std::string, projections::ReadModel::MakeTable> strict_tables{
    {"accounts", folded<identity::AccountFold>},
    {"leaderboard_names", folded<gamification::NameFold>},
    {"leaderboard", folded<gamification::ScoreFold>},
    {"xp_history", history},
    {"challenge_catalogue", folded<challenges::CatalogueFold>},
    {"challenge_sessions", folded<challenges::SessionFold>},
};

}  // namespace

void make_strict(std::vector<projections::ReadModel>& models) {
    for (auto& model : models) {
        for (auto& make : model.tables) {
            const auto strict = strict_tables.find(make(Keep::some)->shape().name);
            if (strict != strict_tables.end()) make = strict->second;
        }
    }
}

}  // namespace kiroku::test
