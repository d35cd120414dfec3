# schemas/core/generator/model.py: what the schemas say, free of JSON Schema and of C++; every output is made from this.
from dataclasses import dataclass, field
from typing import Any, List, Optional

from names import type_name


@dataclass(frozen=True)
class Text:
    min: int = 0
    max: Optional[int] = None


@dataclass(frozen=True)
class Integer:
    bits: int = 64
    min: Optional[int] = None
    max: Optional[int] = None


@dataclass(frozen=True)
class Simple:
    """A type without bounds: boolean, uuid, instant, date, decimal (a 64-bit integer as text), json, json_object."""

    kind: str


@dataclass(frozen=True)
class Constant:
    value: str


@dataclass(frozen=True)
class Sequence:
    item: Any
    min: int = 0
    max: Optional[int] = None


@dataclass(frozen=True)
class Reference:
    """A declared type, by the module and name it is declared under."""

    module: str
    name: str


@dataclass
class Field:
    json_name: str
    member: str
    type: Any
    required: bool
    nullable: bool
    default: Any  # None: there is none
    description: str


@dataclass
class Struct:
    name: str
    description: str
    fields: List[Field]
    source: str
    wire_type: str = ""  # only what stands in a file of its own has one
    kind: str = ""  # event, command, http, ws, document
    aggregate: str = ""
    union: str = ""
    closed: bool = False
    module: str = ""
    before: str = ""  # the struct of the version before, which an upcaster turns into this one


@dataclass
class Enumeration:
    name: str
    description: str
    values: List[str]
    source: str


@dataclass
class StrongType:
    name: str
    description: str
    type: Any
    source: str


@dataclass
class Refusal:
    code: str
    status: int
    message: str
    retryable: bool


@dataclass
class Module:
    """One pair of generated headers: a context, a context's HTTP bodies, the shared HTTP bodies, the WebSocket messages."""

    path: str  # "identity", "identity/http", "ws"
    declarations: List[Any] = field(default_factory=list)
    refusals: List[Refusal] = field(default_factory=list)

    @property
    def namespace(self):
        return "kiroku" if self.path == "core" else "kiroku::" + self.path.replace("/", "::")

    def find(self, name):
        return next((d for d in self.declarations if d.name == name), None)

    def roots(self, kind=None):
        return [d for d in self.declarations if isinstance(d, Struct) and d.wire_type and kind in (None, d.kind)]


@dataclass
class Model:
    modules: List[Module]
    sources: List[Any] = field(default_factory=list)  # the files that it was made from

    def module(self, path):
        return next((m for m in self.modules if m.path == path), None)

    def resolve(self, reference):
        return self.module(reference.module).find(reference.name)


def unions(module):
    """Name → struct names: each aggregate's events and commands, all events of a context, and each x-union.

    Of several versions only the newest is in it: older ones are upcast when they are read.
    """
    found = {}
    older = {s.before for s in module.roots()}
    for struct in (s for s in module.roots() if s.name not in older):
        if struct.kind in ("event", "command"):
            word = "Event" if struct.kind == "event" else "Command"
            found.setdefault(type_name(struct.aggregate) + word, []).append(struct.name)
        if struct.kind == "event":
            found.setdefault("Event", []).append(struct.name)
        if struct.union:
            found.setdefault(struct.union, []).append(struct.name)
    return found


def references(type_):
    """The declared types that a type mentions."""
    if isinstance(type_, Reference):
        return [type_]
    return references(type_.item) if isinstance(type_, Sequence) else []


def dependencies(declaration):
    if not isinstance(declaration, Struct):
        return []
    used = [reference for f in declaration.fields for reference in references(f.type)]
    return used + ([Reference(declaration.module, declaration.before)] if declaration.before else [])
