"""No fault of the catalogue is forgotten.

Invariant: every number has a test that is named by it, here or beside the tests of erasing and exporting.
"""

import re
from pathlib import Path

from tests.faults.catalogue import FAULTS

HERE = Path(__file__).parent
SOURCES = "".join(path.read_text() for path in [*HERE.glob("test_*.py"), *HERE.parent.glob("users/test_e*.py")])


def test_every_fault_has_a_test_that_is_named_by_its_number() -> None:
    numbers = {int(number) for number in re.findall(r"^(?:async )?def test_fault_(\d\d)_", SOURCES, re.MULTILINE)}

    assert numbers == set(FAULTS) == set(range(1, 54))
