"""A list of tariff codes with where it was read, as the pack tools pass it about."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CodeList:
    """Codes read from one place in one source.

    ``codes`` are digit strings of 2, 4, 6, 8 or 10 digits, sorted, without repeats.
    ``origin`` cites the text the codes were read from. ``note`` says what the list is
    not (partial lines, reconstructed versions …). ``shares`` optionally maps a code to
    the share of its customs value that the list covers, where that share is estimated.
    """

    name: str
    codes: tuple[str, ...]
    origin: str
    note: str = ""
    shares: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", tuple(sorted(set(self.codes))))
        bad = [c for c in self.codes if not c.isdigit() or len(c) not in (2, 4, 6, 8, 10)]
        if bad:
            raise ValueError(f"{self.name}: not tariff codes: {bad[:8]}")
