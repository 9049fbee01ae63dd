"""What somebody writes of themselves in free text: allergies, dislikes, diets, injuries, conditions. Pure.

Invariant: what is read here only ever takes things out of a plan, and names the words that led to it.
"""

from users.mentions.notices import notices
from users.mentions.reading import KINDS, Mention, read

__all__ = ["KINDS", "Mention", "notices", "read"]
