# gateway/clients/python/kiroku/__init__.py: what programs import.
from .calls import Answer, How
from .client import Kiroku
from .login import Tokens
from .problems import KirokuError, Refused, SignedOut, Unreachable
from .realtime import Realtime, Subscription
from .retries import Patience

__all__ = ["Answer", "How", "Kiroku", "KirokuError", "Patience", "Realtime", "Refused", "SignedOut", "Subscription", "Tokens", "Unreachable"]
