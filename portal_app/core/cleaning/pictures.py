"""Pictures are drawn anew, point by point: what was noted in them or hung on behind them is not drawn along."""

import io
import warnings
from typing import Final

from PIL import Image, ImageCms, ImageOps

from portal_app.core.cleaning.refused import Refused

LONGEST_SIDE: Final = 4096
"""A page scanned at 350 points to the inch; more makes nothing clearer on a screen."""
_PROFILE_MAX_BYTES: Final = 1_000_000
_SAVED_AS: Final = {"JPEG": "JPEG", "HEIF": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}


def drawn_anew(content: bytes, kind: str, max_pixels: int, max_bytes: int) -> tuple[str, bytes]:
    """Return the media type and the bytes of the picture alone, upright and in the colours every screen knows.

    Raises:
        Refused: if it is broken, or has too many pixels; those are counted before any of them is unpacked.
    """
    if kind == "HEIF":
        _read_heif()
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as picture:
            if picture.width * picture.height > max_pixels:
                raise Refused("too_many_pixels")
            picture.load()
            shown = ImageOps.exif_transpose(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("too_many_pixels") from error
    shown = _plain(_in_common_colours(shown))
    shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    bare = Image.new(shown.mode, shown.size)  # which knows nothing of what stood beside the points
    bare.paste(shown)
    written = _written(bare, _SAVED_AS[kind])
    if len(written) > max_bytes and _SAVED_AS[kind] != "JPEG":  # a drawing with as many colours as a photo
        return "image/jpeg", _written(_on_white(bare), "JPEG")
    return f"image/{_SAVED_AS[kind].lower()}", written


def _read_heif() -> None:
    import pi_heif  # noqa: PLC0415 - other pictures do not wait for it

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def _in_common_colours(picture: Image.Image) -> Image.Image:
    """Return the picture in sRGB: a phone's own colours would look wrong without the profile that goes."""
    profile = picture.info.get("icc_profile")
    if not profile or len(profile) > _PROFILE_MAX_BYTES or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        common = ImageCms.createProfile("sRGB")
        found = ImageCms.profileToProfile(picture, io.BytesIO(profile), common, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return found or picture


def _plain(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # sixteen bits of grey
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in ("L", "RGB", "RGBA"):
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture)
    return white


def _written(picture: Image.Image, kind: str) -> bytes:
    held = io.BytesIO()
    if kind == "PNG":
        picture.save(held, kind)
    else:
        (_on_white(picture) if kind == "JPEG" else picture).save(held, kind, quality=90)
    return held.getvalue()
