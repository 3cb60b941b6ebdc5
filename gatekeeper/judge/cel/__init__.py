"""CEL: expressions checked at load time, and evaluated by one of two engines behind one face.

Nothing else in the project imports an engine.
"""

from gatekeeper.judge.cel.answer import Answer, agree
from gatekeeper.judge.cel.checking import Checked, check
from gatekeeper.judge.cel.compose import compose
from gatekeeper.judge.cel.engine import Binding, Engine, Program, load_engine
from gatekeeper.judge.cel.fault import CelFault
from gatekeeper.judge.cel.find import MISSING, Path, find
from gatekeeper.judge.cel.paths import Comparison

__all__ = [
    "MISSING",
    "Answer",
    "Binding",
    "CelFault",
    "Checked",
    "Comparison",
    "Engine",
    "Path",
    "Program",
    "agree",
    "check",
    "compose",
    "find",
    "load_engine",
]
