# gateway/clients/python/kiroku/__init__.py: what programs import.
from .calls import Answer, How
from .client import Kiroku
from .login import Tokens
from .problems import KirokuError, Refused, SignedOut, Unreachable
from .publications import Acknowledged
from .realtime import Realtime
from .retries import Patience
from .room import Room
from .subscription import Subscription

__all__ = ["Acknowledged", "Answer", "How", "Kiroku", "KirokuError", "Patience", "Realtime", "Refused", "Room", "SignedOut", "Subscription", "Tokens",
           "Unreachable"]
