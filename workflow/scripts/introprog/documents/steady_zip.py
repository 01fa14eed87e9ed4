"""Office files are zip archives; here they lose the time of writing, so that equal content is equal bytes."""

import io
import zipfile
from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)


def without_clock(content: bytes, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """The same archive, members in the same order, each dated 1980-01-01 (the earliest that zip knows).

    ``pictures`` are put in the place of the empty members of their names: the libraries that write the archive would
    compress them, though they are compressed already.
    """
    pictures = pictures or {}
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for member in old.infolist():
            info = zipfile.ZipInfo(member.filename, EPOCH)
            info.external_attr = 0o600 << 16
            stored = member.filename.endswith(".png")
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            new.writestr(info, pictures.get(member.filename) or old.read(member.filename))
    return stream.getvalue()
