// projections/challenges/challenge_catalogue.hpp: "what can I practise?", behind GET /challenges.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infra/postgres/read.hpp"
#include "projections/engine/keyset.hpp"
#include "projections/engine/read_model.hpp"
#include "projections/engine/reads.hpp"
#include "schemas/challenges/types.hpp"

namespace kiroku::challenges {

struct ChallengeRow {
    ChallengeId challenge;
    ChallengeType type{};
    std::string title;
    std::string description;
    Difficulty difficulty{1};
    Minutes estimated_duration;
    std::vector<std::string> instructions;
    RawJson success_criteria{"{}"};  ///< an object
    std::vector<RawJson> rewards;    ///< objects
    bool is_active = true;
    std::string created_by;       ///< "system", "kiro" or "user"
    std::optional<UserId> owner;  ///< whose own it is; nothing: everybody's
    Instant created_at;
    Instant updated_at;

    bool operator==(const ChallengeRow&) const = default;
};

struct CatalogueFold {
    using Row = ChallengeRow;
    using Key = ChallengeId;
    using Meta = projections::Meta;
    using Events = projections::Reads<ChallengeCreated>;

    static const projections::Table<Row>& table();
    static Row start(const Key& challenge);
    static Key key_of(const Row& row) { return row.challenge; }
    static Key keys(const ChallengeCreated&, const Meta& meta) { return ChallengeId{meta.aggregate}; }
    static void fold(Row& row, const ChallengeCreated& event, const Meta& meta);
};

projections::ReadModel challenge_catalogue();

struct CatalogueFilter {
    std::optional<ChallengeType> type;
    std::optional<Difficulty> difficulty;
};

/// What this learner may practise, by when it was made: what is for everybody, and their own.
projections::Page<ChallengeRow> challenges_for(postgres::Read& read, const UserId& learner,
                                               const CatalogueFilter& filter, const projections::Cut& cut);

/// Nothing if there is no such challenge, or it is somebody else's.
std::optional<ChallengeRow> challenge_for(postgres::Read& read, const UserId& learner, const ChallengeId& challenge);

}  // namespace kiroku::challenges
