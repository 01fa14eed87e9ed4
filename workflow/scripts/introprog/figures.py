"""Saving figures: SVG, PNG and PDF with the same bytes on every run, and the alternative text inside.

Dates, versions and random ids are left out of the files. The SVG carries ``<title>`` and ``<desc>`` and is marked as
one image in its language, so that a screen reader reads the alternative text instead of the shapes.
"""

import io
from pathlib import Path
from xml.sax.saxutils import escape

from matplotlib import rcParams
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FuncFormatter, NullFormatter
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from introprog.displays.context import Context

# Of PNG: the files are smaller than at zlib's own level, 6, and are written in two thirds of the time.
COMPRESSION = 3

# They take no power of ten out of the numbers that they write.
FUNCTIONS = (FixedFormatter, FuncFormatter, NullFormatter)


def save_figure(figure: Figure, path: str | Path, context: Context) -> None:
    """Write ``figure`` in the format that the ending of ``path`` names (svg, png, pdf).

    Raises ``ValueError`` for another ending. Call inside ``house_style()``.
    """
    path = Path(path)
    writer = {".svg": _svg, ".png": _png, ".pdf": _pdf}.get(path.suffix)
    if writer is None:
        raise ValueError(f"{path.name}: figures are written as svg, png or pdf")
    content = writer(figure, context)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def settle(figure: Figure) -> Figure:
    """The figure, with the place of every axis label that says nothing fixed, and the labels of its ticks left out of
    layout.

    Matplotlib would measure all tick labels of the axis anew in each format to place that label and what a formatter
    takes out of the numbers (nothing). Labels above or to the right stay as they are, since titles keep clear of them.
    """
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text() and axis.get_label_position() in ("bottom", "left"):
                axis.set_label_coords(0, 0)
                if isinstance(axis.get_major_formatter(), FUNCTIONS):
                    for tick in axis.get_major_ticks():
                        tick.label1.set_in_layout(False)
    return figure


def _svg(figure: Figure, context: Context) -> bytes:
    stream = io.StringIO()
    metadata = {
        "Date": None,
        "Creator": None,
        "Title": context.title,
        "Description": context.alt,
        "Language": context.language,
    }
    figure.savefig(stream, format="svg", metadata=metadata)
    head, mark, rest = stream.getvalue().partition("<svg ")
    ids = [f"{context.id}-{context.language}-{part}" for part in ("title", "desc")]
    names = f'role="img" xml:lang="{context.language}" aria-labelledby="{" ".join(ids)}" '
    title = f"<title>{escape(context.title)}</title>"
    described = (
        f'<title id="{ids[0]}">{escape(context.title)}</title>\n <desc id="{ids[1]}">{escape(context.alt)}</desc>'
    )
    if title not in rest:
        raise RuntimeError("matplotlib wrote no <title>; the alternative text has no place to go")
    return (head + mark + names + rest.replace(title, described, 1)).encode("utf-8")


def _png(figure: Figure, context: Context) -> bytes:
    """Without the channel of transparency, which a page does not have: smaller, and quicker to write and to embed."""
    drawn, stream, texts = io.BytesIO(), io.BytesIO(), PngInfo()
    figure.savefig(drawn, format="rgba")
    dpi = rcParams["savefig.dpi"]
    size = tuple(int(side) for side in figure.get_size_inches() * dpi)
    for name, text in (("Title", context.title), ("Description", context.alt)):
        texts.add_text(name, text)
    picture = Image.frombuffer("RGBA", size, drawn.getvalue()).convert("RGB")
    picture.save(stream, "png", pnginfo=texts, dpi=(dpi, dpi), compress_level=COMPRESSION)
    return stream.getvalue()


def _pdf(figure: Figure, context: Context) -> bytes:
    stream = io.BytesIO()
    metadata = {"CreationDate": None, "Creator": None, "Producer": None, "Title": context.title, "Subject": context.alt}
    figure.savefig(stream, format="pdf", metadata=metadata)
    return stream.getvalue()
