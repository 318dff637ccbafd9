# SPDX-License-Identifier: Apache-2.0

"""What NVS has written to the file that stands for flash."""

import struct

PARTITION = slice(0xFC000, 0x100000)
SECTOR, ENTRY = 4096, 8


def entries(flash):
    """What NVS has written to the first sector, in its order: name, place and length of each
    record."""
    sector = flash.read_bytes()[PARTITION][:SECTOR]
    # The last place is for the end of the sector; entries grow downwards.
    for at in range(SECTOR - 2 * ENTRY, 0, -ENTRY):
        record, place, length, _, _ = struct.unpack_from("<HHHBB", sector, at)
        if sector[at : at + ENTRY] == b"\xff" * ENTRY:
            return
        if record != 0xFFFF:
            yield record, place, length


def damage(flash, record):
    """Changes a bit of what was written last of a record."""
    place = [place for name, place, length in entries(flash) if name == record and length][-1]
    content = bytearray(flash.read_bytes())
    content[PARTITION.start + place] ^= 0x10
    flash.write_bytes(content)
