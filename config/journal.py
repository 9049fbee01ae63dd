"""Where edits of plans are noted: whatever the settings name, so that apps need not know who keeps them.

Invariant: a note is made in the transaction of the edit, or not at all.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def note(user_id: int, edit: Mapping[str, Any]) -> None:
    """Note what a person changed: JSON."""
    if settings.EDIT_JOURNAL:
        import_string(settings.EDIT_JOURNAL)(user_id, edit)
