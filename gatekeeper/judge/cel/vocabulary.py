"""The functions of CEL as this project turns it on, and those that both engines have."""

from __future__ import annotations

_STANDARD = """
all bool bytes contains double duration dyn endsWith exists exists_one filter getDate getDayOfMonth getDayOfWeek
getDayOfYear getFullYear getHours getMilliseconds getMinutes getMonth getSeconds has int map matches size startsWith
string timestamp type uint
"""
_EXTENSIONS = """
base64.decode base64.encode cel.bind charAt distinct existsOne first flatten format hasValue indexOf join last
lastIndexOf lists.range lowerAscii math.abs math.bitAnd math.bitNot math.bitOr math.bitShiftLeft math.bitShiftRight
math.bitXor math.ceil math.floor math.greatest math.isFinite math.isInf math.isNaN math.least math.round math.sign
math.sqrt math.trunc optFlatMap optMap optional.none optional.of optional.ofNonZeroValue or orValue regex.extract
regex.extractAll regex.replace replace reverse sets.contains sets.equivalent sets.intersects slice sort sortBy split
strings.quote substring transformList trim upperAscii value
"""
_OPERATORS = "_&&_ _||_ !_ -_ _?_:_ _==_ _!=_ _<_ _<=_ _>_ _>=_ @in _+_ _-_ _*_ _/_ _%_ _[_] @not_strictly_false"
_TYPES = "bool bytes double dyn int list map null_type string timestamp duration type uint google"

FUNCTIONS = (*_STANDARD.split(), *_EXTENSIONS.split())

BOTH = frozenset((*_STANDARD.split(), *_OPERATORS.split()))
"""What cel-python evaluates too, by the names that the syntax tree uses."""

TYPES = frozenset(_TYPES.split())
"""Names that are types, not variables."""
