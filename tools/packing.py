"""What tools that write one packaged table share: the command line, the check, the packing."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["write_table"]


def write_table(doc: str | None, path: Path, table: Callable[[Path], dict[str, Any]],
                said: Callable[[dict[str, Any]], str]) -> int:
    """Write the table a tool makes of the shared folder, or compare it with what is packaged.

    Args:
        doc: The tool's docstring; its first line describes it.
        path: The packaged file.
        table: Makes the table.
        said: What it holds, in words.
    """
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("shared", type=Path, help="folder with data/")
    parser.add_argument("--check", action="store_true", help="compare with what is packaged")
    given = parser.parse_args()
    body = table(given.shared)
    if given.check:
        # Compare what is packed, not the packing, which differs between zlib versions.
        if path.is_file() and json.loads(gzip.decompress(path.read_bytes())) == body:
            return 0
        print(f"{path.name} is not what the table gives; build it again", file=sys.stderr)
        return 1
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))
    print(f"{path.name}: {said(body)}, {path.stat().st_size / 1e3:.1f} kB", file=sys.stderr)
    return 0
