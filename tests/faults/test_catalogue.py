"""No fault of the catalogue is forgotten.

Invariant: a number is either tested in this folder or said to be missing, never both.
"""

import re
from pathlib import Path

from tests.faults.catalogue import ELSEWHERE, FAULTS

SOURCES = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))


def test_every_fault_has_a_test_that_is_named_by_its_number() -> None:
    numbers = {int(number) for number in re.findall(r"^(?:async )?def test_fault_(\d\d)_", SOURCES, re.MULTILINE)}

    assert numbers == set(FAULTS) - ELSEWHERE
