# tests/chaos/fault.py: what a fault is; faults.py and faults_of_disks.py have them all, see ALL in matrix.py.
"""A fault gets the running `Fire` (see fire.py) and does its worst to `fire.system`; it is over when it returns. What must hold
afterwards is for the checkers to say; a fault reports by `fire.flaw` only what they can't see, by `fire.unmet` that it couldn't
do what it was to do, and by `fire.measured` a figure. `fire.healed()` says that from here on things must get better: recovery
counts from there, otherwise from the beginning."""
import dataclasses
import typing

DEATH = 10.0  # seconds until commands flow again after a death


@dataclasses.dataclass
class Fault:
    name: str
    title: str
    act: typing.Callable
    bound: float
    needs: str
    last: bool  # it leaves nothing behind that could be checked, so it comes when all else is
    asked_for: bool  # it breaks promises, so it is left out unless it is named

    def __call__(self, fire):
        self.act(fire)


def fault(name, title, bound=30.0, needs="", last=False, asked_for=False):
    def register(act):
        return Fault(name, title, act, bound, needs, last, asked_for)
    return register
