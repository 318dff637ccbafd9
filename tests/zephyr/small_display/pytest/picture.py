# SPDX-License-Identifier: Apache-2.0

"""Pictures as rows of pixels: from PNG files, and from what Xvfb keeps of its screen."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# 8 bits for each of red, green and blue; no interlace.
FORM = (8, 2, 0, 0, 0)


class Picture:
    """From the top, rows of pixels of three bytes: red, green, blue."""

    def __init__(self, width, rows):
        self.width, self.rows = width, rows

    @property
    def height(self):
        return len(self.rows)

    def smaller(self, scale):
        """One of so many pixels that show the same, in both directions."""
        rows = self.rows[::scale]
        pixels = [[row[at : at + 3] for at in range(0, len(row), 3 * scale)] for row in rows]
        return Picture(self.width // scale, [b"".join(row) for row in pixels])

    def coarser(self, bits):
        """With so many bits of red, green and blue."""
        tables = [[value >> (8 - count) for value in range(256)] for count in bits]
        rows = []
        for row in self.rows:
            coarse = bytearray(row)
            for colour, table in enumerate(tables):
                coarse[colour::3] = row[colour::3].translate(bytes(table))
            rows.append(bytes(coarse))
        return Picture(self.width, rows)

    def part(self, left, top, right, bottom):
        """Columns from left to before right, rows from top to before bottom."""
        rows = self.rows[top:bottom]
        return Picture(right - left, [row[3 * left : 3 * right] for row in rows])

    def without(self, *areas):
        """The same, with nothing to be seen in these areas."""
        rows = [bytearray(row) for row in self.rows]
        for left, top, right, bottom in areas:
            for row in rows[top:bottom]:
                row[3 * left : 3 * right] = bytes(3 * (right - left))
        return Picture(self.width, [bytes(row) for row in rows])

    def __eq__(self, other):
        return self.width == other.width and self.rows == other.rows

    def __hash__(self):
        return hash(tuple(self.rows))

    def difference(self, other):
        """How many pixels are not the same, and which is the first of them."""
        if (self.width, self.height) != (other.width, other.height):
            return f"{self.width}x{self.height} and {other.width}x{other.height}"
        places = [
            (x, y)
            for y, (row, its) in enumerate(zip(self.rows, other.rows))
            for x in range(self.width)
            if row[3 * x : 3 * x + 3] != its[3 * x : 3 * x + 3]
        ]
        return f"{len(places)} pixels differ, the first at {places[0]}" if places else "none"


def read_xwd(file):
    """What Xvfb keeps in a file, 24 bits deep (X11's XWDFile.h)."""
    header = struct.unpack_from(">25I", file)
    size, width, height = header[0], header[4], header[5]
    order, bits, stride, colours = header[7], header[11], header[12], header[19]
    assert (order, bits) == (0, 32), "pixels are not blue, green, red and nothing"
    at = size + 12 * colours
    rows = []
    for begin in range(at, at + stride * height, stride):
        pixels = file[begin : begin + 4 * width]
        row = bytearray(3 * width)
        row[0::3], row[1::3], row[2::3] = pixels[2::4], pixels[1::4], pixels[0::4]
        rows.append(bytes(row))
    return Picture(width, rows)


def read_png(path):
    """As the example `pictures` writes it."""
    file = path.read_bytes()
    assert file.startswith(SIGNATURE), f"{path} is no PNG"
    chunks, at = {}, len(SIGNATURE)
    while at < len(file):
        (length,) = struct.unpack_from(">I", file, at)
        name, content = file[at + 4 : at + 8], file[at + 8 : at + 8 + length]
        chunks[name] = chunks.get(name, b"") + content
        at += 12 + length
    width, height, *form = struct.unpack(">2I5B", chunks[b"IHDR"])
    data = zlib.decompress(chunks[b"IDAT"])
    # Each row begins with how it is written: as it is.
    rows = [data[at : at + 1 + 3 * width] for at in range(0, len(data), 1 + 3 * width)]
    plain = tuple(form) == FORM and len(rows) == height and all(row[0] == 0 for row in rows)
    assert plain, f"{path} was written by another program"
    return Picture(width, [row[1:] for row in rows])


def write_png(path, picture):
    """For whoever wants to know why a test failed."""
    start = struct.pack(">2I5B", picture.width, picture.height, *FORM)
    data = zlib.compress(b"".join(b"\0" + row for row in picture.rows))
    chunks = [(b"IHDR", start), (b"IDAT", data), (b"IEND", b"")]
    path.write_bytes(SIGNATURE + b"".join(_chunk(*chunk) for chunk in chunks))


def _chunk(name, content):
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)
