# schemas/core/generator/names.py: wire names in, C++ names out.
import re

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
CAMEL = re.compile(r"[a-z][A-Za-z0-9]*\Z")
TYPE = re.compile(r"[A-Z][A-Za-z0-9]*\Z")

KEYWORDS = frozenset(
    """alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const constexpr
    continue decltype default delete do double else enum explicit export extern false float for friend goto if inline int
    long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register requires
    return short signed sizeof static struct switch template this throw true try typedef typeid typename union unsigned
    using virtual void volatile while xor xor_eq""".split()
)


def type_name(snake):
    """user_registered → UserRegistered"""
    return "".join(part.capitalize() for part in snake.split("_"))


def member_name(camel):
    """emailClaimId → email_claim_id; a C++ keyword gets an underscore behind it"""
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", camel).lower()
    return snake + "_" if snake in KEYWORDS else snake


def enumerator(value):
    """leaderboard:global → leaderboard_global"""
    name = re.sub(r"[^A-Za-z0-9]+", "_", value).strip("_").lower()
    if not name or name[0].isdigit():
        name = "_" + name
    return name + "_" if name in KEYWORDS else name
