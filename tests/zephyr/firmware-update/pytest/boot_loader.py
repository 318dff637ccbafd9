# SPDX-License-Identifier: Apache-2.0

"""Images as MCUboot has them, and what it does with them between two boots: on native_sim there is no
boot loader, so that a test is one. It takes part in the format of images and of the trailers in which
image and boot loader tell each other what they want (MCUboot's docs/design.md)."""

import hashlib
import struct

SLOT_0 = slice(0x0C000, 0x75000)
SLOT_1 = slice(0x75000, 0xDE000)
SIZE = 0x200000

HEADER_MAGIC = 0x96F3B83D
HEADER = "<IIHHIIBBHII"
TLV_INFO_MAGIC = 0x6907
TLV_SHA256 = 0x10
# At the end of a slot; before it, from the end: image_ok, copy_done, swap_type, each with 8 bytes.
TRAILER_MAGIC = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")
IMAGE_OK, COPY_DONE = -24, -32
ERASED = b"\xff"


def image(version, length=100_000):
    """An image of that version, with a content of so many bytes."""
    header = struct.pack(HEADER, HEADER_MAGIC, 0, 32, 0, length, 0, version, 0, 0, 0, 0)
    content = hashlib.shake_128(header).digest(length)
    digest = hashlib.sha256(header + content).digest()
    tlvs = struct.pack("<HHHH", TLV_INFO_MAGIC, 4 + 4 + 32, TLV_SHA256, 32) + digest
    return header + content + tlvs


def length_of(slot):
    """Bytes of the image in a slot; 0 if there is none that is whole."""
    magic, _, header, _, content, *_ = struct.unpack_from(HEADER, slot)
    end = header + content
    if magic != HEADER_MAGIC or end + 40 > len(slot):
        return 0
    info, _, kind, _ = struct.unpack_from("<HHHH", slot, end)
    is_good = hashlib.sha256(slot[:end]).digest() == slot[end + 8 : end + 40]
    return end + 40 if (info, kind, is_good) == (TLV_INFO_MAGIC, TLV_SHA256, True) else 0


def program(flash, content):
    """Flash with this image, as a factory makes it."""
    memory = bytearray(ERASED * SIZE)
    memory[SLOT_0.start : SLOT_0.start + len(content)] = content
    flash.write_bytes(memory)


def boot(flash, swaps=True):
    """Installs what is asked for, by swapping the slots or by copying the second over the first: true
    if that was so."""
    memory = bytearray(flash.read_bytes())
    running, following = memory[SLOT_0], memory[SLOT_1]
    size = len(following)
    if following[-16:] != TRAILER_MAGIC:
        if swaps and running[-16:] == TRAILER_MAGIC and running[IMAGE_OK] != 1:
            # It was on trial, and has not said that it is good.
            memory[SLOT_0] = following[:-64] + ERASED * 64
            memory[SLOT_1] = ERASED * size
            flash.write_bytes(memory)
        return False
    length = length_of(following)
    if length:
        installed = bytearray(following[:length] + ERASED * (size - length))
        if swaps:
            installed[-16:] = TRAILER_MAGIC
            installed[COPY_DONE] = 1
        memory[SLOT_0] = installed
    memory[SLOT_1] = running[:-64] + ERASED * 64 if swaps and length else ERASED * size
    flash.write_bytes(memory)
    return length > 0
