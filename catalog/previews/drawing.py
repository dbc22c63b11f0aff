"""Drawing the picture: an image or raster read at a lower resolution, as a PNG of few bytes."""

import io
import math
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from PIL import Image
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from catalog.records.previews import Preview

MOST_BYTES: Final = 64 * 1024
LONGEST: Final = 512
"""Pixels of the longer side at most."""
_SHORTEST: Final = 32
_LESS: Final = 0.9
MOST_PIXELS: Final = 100_000_000
"""Of an image that can only be read whole."""
_FORMATS: Final = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "PPM")
_COLOURS: Final = 256
_CLIPPED: Final = (2, 98)
"""Percentiles that become black and white of values that are no bytes."""
_RGB: Final = 3
_EMPTY: Final = "It holds no values that could be drawn."
# Nothing beside the file is looked for, and what is read is not kept.
_GDAL: Final = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_CACHEMAX": 64}


def draw(path: Path, media_type: str) -> Preview:
    """Return the preview of a file; of one that cannot be read, the reason."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            image = _raster(path) if media_type == "image/tiff" else _picture(path)
            return _small(image)
    except MemoryError:
        return Preview(problem="It needs more memory to be drawn than a preview may take.")
    except (OSError, ValueError, SyntaxError, EOFError, RasterioError, Image.DecompressionBombError) as error:  # fmt: skip  # noqa: E501  # what Pillow and rasterio raise of broken files
        return Preview(problem=f"It cannot be drawn: {_sentence(error, path)}")


def _sentence(error: Exception, path: Path) -> str:
    text = " ".join(str(error).split()).replace(str(path), path.name)
    return f"{text[:300].rstrip('.')}."


def _picture(path: Path) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(path, formats=_FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            pixels = f"{image.width} by {image.height}"
            message = f"it has {pixels} pixels, and such an image can only be read whole"
            raise ValueError(message)
        image.draft("RGB", (LONGEST, LONGEST))
        image.thumbnail((LONGEST, LONGEST))
        return image.convert("RGBA" if _is_see_through(image) else "RGB")


def _is_see_through(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _raster(path: Path) -> Image.Image:
    """Read a raster at a lower resolution: a band as grey or by its palette, three as colours."""
    with rasterio.Env(**_GDAL), rasterio.open(path, driver="GTiff") as source:
        bands = _bands(source)
        scale = min(1.0, LONGEST / max(source.width, source.height))
        height, width = max(1, round(source.height * scale)), max(1, round(source.width * scale))
        is_palette = ColorInterp.palette in source.colorinterp
        data = source.read(
            bands,
            out_shape=(len(bands), height, width),
            resampling=Resampling.nearest if is_palette else Resampling.bilinear,
            masked=True,
        )
        seen = source.dataset_mask(out_shape=(height, width)) > 0
        if is_palette:
            colours = np.zeros((_COLOURS, 4), dtype=np.uint8)
            for value, colour in source.colormap(bands[0]).items():
                colours[value % _COLOURS] = colour
            picture = colours[np.ma.getdata(data[0]).astype(np.uint8)]
            return Image.fromarray(picture, "RGBA").convert("RGB")
    layers = [_bytes(layer, seen) for layer in data]
    if len(layers) < _RGB:
        layers = [layers[0]] * _RGB
    alpha = np.where(seen, 255, 0).astype(np.uint8)
    image = Image.fromarray(np.dstack([*layers, alpha]), "RGBA")
    return image.convert("RGB") if seen.all() else image


def _bands(source: Any) -> list[int]:
    """Return the bands to draw: red, green and blue where they are named, else the first ones."""
    kinds = dict(zip(source.colorinterp, source.indexes, strict=True))
    named = [kinds.get(each) for each in (ColorInterp.red, ColorInterp.green, ColorInterp.blue)]
    found = [each for each in named if each is not None]
    if len(found) == _RGB:
        return found
    plain = [
        index
        for index, kind in zip(source.indexes, source.colorinterp, strict=True)
        if kind is not ColorInterp.alpha
    ]
    return plain[:_RGB] if len(plain) >= _RGB else plain[:1] or [1]


def _bytes(layer: Any, seen: Any) -> Any:
    """Return values as bytes; what are no bytes is stretched over what is there."""
    values = np.ma.getdata(layer)
    if values.dtype == np.uint8:
        return values
    values = np.abs(values) if np.iscomplexobj(values) else values.astype(np.float64)
    known = values[seen & np.isfinite(values)]
    if known.size == 0:
        raise ValueError(_EMPTY)
    low, high = np.percentile(known, _CLIPPED)
    scaled = (np.nan_to_num(values) - low) / (high - low or 1.0)
    return (np.clip(scaled, 0.0, 1.0) * 255).astype(np.uint8)


def _small(image: Image.Image) -> Preview:
    """Return a picture that is small enough: in fewer colours, and then with fewer pixels."""
    png = _png(image)
    if len(png) <= MOST_BYTES:
        return Preview(png, image.width, image.height)
    size = LONGEST
    while size >= _SHORTEST:
        part = image.copy()
        part.thumbnail((size, size))
        method = Image.Quantize.FASTOCTREE  # the one that knows transparency
        png = _png(part.quantize(_COLOURS, method=method))
        if len(png) <= MOST_BYTES:
            return Preview(png, part.width, part.height)
        size = int(size * min(_LESS, math.sqrt(MOST_BYTES / len(png))))
    return Preview(problem="It cannot be drawn in few enough bytes.")


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
