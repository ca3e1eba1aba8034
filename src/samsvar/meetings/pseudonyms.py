"""Invented names for people who must not be recognised at a meeting."""

from __future__ import annotations

# Plants, birds and landscapes that are also ordinary surnames, so that a badge does not show that its name is invented.
SURNAMES = (
    "Alder", "Ash", "Aspen", "Bay", "Birch", "Bird", "Bloom", "Bracken", "Brook", "Bush", "Cliff", "Cove", "Crane",
    "Dale", "Drake", "Fenn", "Fern", "Field", "Finch", "Fjell", "Flint", "Ford", "Frost", "Gale", "Garland", "Glen",
    "Grove", "Hawk", "Hazel", "Heath", "Heron", "Hill", "Holm", "Ivers", "Lake", "Lark", "Laurel", "Linden", "Marsh",
    "Martin", "Meadows", "Moss", "Nightingale", "Oakes", "Olander", "Pine", "Poole", "Reed", "Ridge", "Rivers", "Rowan",
    "Sand", "Shaw", "Stone", "Storm", "Strand", "Thorn", "Vale", "Waters", "Wells", "Wilder", "Willow", "Wood", "Wren",
)  # fmt: skip
INITIALS = "ABCDEFGHIJKLMNOPRSTV"


def make_pseudonym(seed: bytes) -> str:
    """Return an invented name such as "A. Heron"; the same for the same seed, of at least eight random bytes.

    There are 1,280 of them: two people hidden at one meeting rarely get the same.
    """
    number = int.from_bytes(seed[:8])
    number, initial = divmod(number, len(INITIALS))
    return f"{INITIALS[initial]}. {SURNAMES[number % len(SURNAMES)]}"
