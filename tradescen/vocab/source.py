"""Where a fact was read."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen, validators

from tradescen.errors import InvalidValue, one_of

__all__ = ["Source", "as_source"]


@frozen(kw_only=True)
class Source:
    """A citation, and how far it can be trusted.

    Args:
        citation: The act, notice or page, as one would cite it.
        url: Where it is published, if known.
        note: What the citation does not say (time of day, what was not opened).
        confidence: ``"high"``, ``"medium"`` or ``"low"``.
    """

    citation: str = field(validator=validators.instance_of(str))
    url: str = ""
    note: str = ""
    confidence: str = field(
        default="high", validator=one_of("high", "medium", "low")
    )

    def __attrs_post_init__(self) -> None:
        if not self.citation.strip():
            raise InvalidValue(
                "a source needs a citation: name the act, notice or page", value=self.citation
            )


def as_source(value: Any) -> Source | None:
    """A source out of a citation, a :class:`Source` or ``None``."""
    if value is None or isinstance(value, Source):
        return value
    if isinstance(value, str):
        return Source(citation=value)
    raise InvalidValue(
        f"{value!r} is not a source; give its citation as text or a Source", value=value
    )
