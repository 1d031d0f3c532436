"""The command `rituals`: argv in, words out. No decisions are made here."""


def main() -> None:
    """Entry point of the `rituals` command."""
