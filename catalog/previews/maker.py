"""The process that draws: a file a line on its standard input, a picture on its standard output.

A line is a JSON list of path and media type. The answer is a line of JSON with the length of the
picture, its size or the problem, and then the picture. It ends with its standard input, so with
whoever started it, and when it has nothing to do for a while.
"""

import json
import math
import resource
import select
import sys
from collections.abc import Mapping
from pathlib import Path
from time import process_time
from typing import BinaryIO, Final

MEMORY: Final = 2 * 1024**3
"""Address space in bytes, of which the libraries take a third before anything is read."""
CPU_SECONDS: Final = 20
"""Of one file. On a busy machine this is the same picture, later."""
IDLE_SECONDS: Final = 60.0


def main() -> None:
    """Draw until there is nothing more to draw."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from catalog.previews.drawing import draw  # noqa: PLC0415  # below the limit

    reader, writer = sys.stdin.buffer, sys.stdout.buffer
    while select.select([reader], [], [], IDLE_SECONDS)[0]:
        line = reader.readline()
        if not line:
            return
        path, media_type = json.loads(line)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(process_time()) + CPU_SECONDS, hard))
        made = draw(Path(path), media_type)
        head = {"width": made.width, "height": made.height, "problem": made.problem}
        _answer(writer, head, made.png or b"")


def _answer(writer: BinaryIO, head: Mapping[str, object], png: bytes) -> None:
    writer.write(json.dumps({"length": len(png), **head}).encode() + b"\n" + png)
    writer.flush()


if __name__ == "__main__":
    main()
