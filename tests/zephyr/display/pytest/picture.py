# SPDX-License-Identifier: Apache-2.0

"""Pictures: as PNG files, as the X server keeps them, and how much two of them differ."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# 8 bits for each of red, green and blue; no interlace.
FORMAT = (8, 2, 0, 0, 0)
# Shades of 256 that two pixels may differ and be the same, as by another rounding.
SHADES = 8


class Picture:
    """Rows of pixels, from the top, each of red, green and blue in a byte."""

    def __init__(self, width, height, pixels):
        self.width, self.height, self.pixels = width, height, pixels

    def part(self, left, right):
        """Its columns from one to before another."""
        rows = range(self.height)
        pixels = b"".join(self._row(row)[3 * left : 3 * right] for row in rows)
        return Picture(right - left, self.height, pixels)

    def halves(self):
        middle = self.width // 2
        return self.part(0, middle), self.part(middle, self.width)

    def beside(self, other):
        """This one with another at its right."""
        rows = range(self.height)
        pixels = b"".join(self._row(row) + other._row(row) for row in rows)
        return Picture(self.width + other.width, self.height, pixels)

    def differing(self, other):
        """How many pixels are not the same."""
        if (self.width, self.height) != (other.width, other.height):
            return max(self.width * self.height, other.width * other.height)
        return sum(
            _differing(self._row(row), other._row(row))
            for row in range(self.height)
            if self._row(row) != other._row(row)
        )

    def _row(self, row):
        return self.pixels[3 * self.width * row : 3 * self.width * (row + 1)]


def _differing(row, other):
    off = [abs(one - two) > SHADES for one, two in zip(row, other)]
    return sum(map(any, zip(off[0::3], off[1::3], off[2::3])))


def read_xwd(file):
    """What Xvfb keeps of its screen in a file, 24 bits deep."""
    header = struct.unpack_from(">25I", file)
    size, _, _, _, width, height = header[:6]
    order, bits, stride, colours = header[7], header[11], header[12], header[19]
    assert (order, bits) == (0, 32), "pixels are not blue, green, red and nothing"
    at = size + 12 * colours
    rows = [file[at + stride * row : at + stride * row + 4 * width] for row in range(height)]
    pixels = bytearray(3 * width * height)
    for colour in range(3):
        pixels[2 - colour :: 3] = b"".join(rows)[colour::4]
    return Picture(width, height, bytes(pixels))


def write_png(path, picture):
    start = struct.pack(">2I5B", picture.width, picture.height, *FORMAT)
    # Each row tells first how it is written: as it is.
    rows = b"".join(b"\0" + picture._row(row) for row in range(picture.height))
    chunks = [(b"IHDR", start), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    path.write_bytes(SIGNATURE + b"".join(_chunk(*chunk) for chunk in chunks))


def read_png(path):
    """A picture that write_png has written."""
    file = path.read_bytes()
    assert file.startswith(SIGNATURE), f"{path} is no PNG"
    chunks, at = {}, len(SIGNATURE)
    while at < len(file):
        (length,) = struct.unpack_from(">I", file, at)
        name, content = file[at + 4 : at + 8], file[at + 8 : at + 8 + length]
        chunks[name] = chunks.get(name, b"") + content
        at += 12 + length
    width, height, *form = struct.unpack(">2I5B", chunks[b"IHDR"])
    rows = zlib.decompress(chunks[b"IDAT"])
    length = 1 + 3 * width
    begins = range(0, length * height, length)
    plain = tuple(form) == FORMAT and all(rows[begin] == 0 for begin in begins)
    assert plain, f"{path}: renew it, another program has written it"
    return Picture(width, height, b"".join(rows[b + 1 : b + length] for b in begins))


def _chunk(name, content):
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)
