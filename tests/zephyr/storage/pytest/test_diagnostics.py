# SPDX-License-Identifier: Apache-2.0

"""What happened to a charge point, as it tells after power losses."""

import re

BOOTS = 9
RING = 8192
LINE = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|\+[\d.]+) (inf|wrn|err) (.*)$")


def is_boot(text):
    return text == "boot" or text.startswith("boot, ")


def told(charger):
    image = charger.start("diagnostics")
    image.end()
    lines = [LINE.match(line.rstrip()) for line in image.lines]
    return [line.groups() for line in lines if line]


def charge(charger, times):
    image = charger.start_connected("sessions", times=times)
    assert image.says("flash: ")
    charger.lose_power(image)


def test_what_happened_survives_power_losses_until_the_ring_is_full(charger):
    charge(charger, 2)
    lines = told(charger)
    texts = [text for _, _, text in lines]
    first = texts.index("boot notification: Accepted")
    assert is_boot(texts[0])
    assert first < texts.index("connector 1 Charging")
    # What was before the time was known has it all the same, but for the boot that prints this.
    boot = max(number for number, text in enumerate(texts) if is_boot(text))
    assert boot > first
    assert all(time.startswith("20") for time, _, _ in lines[:boot])
    assert lines[boot][0].startswith("+")

    for _ in range(BOOTS):
        charge(charger, 5)
    lines = told(charger)
    times = [time for time, _, _ in lines if time.startswith("20")]
    assert times == sorted(times)
    bytes_told = sum(len(" ".join(line)) + 1 for line in lines)
    boots = sum(is_boot(text) for _, _, text in lines)
    print(f"{len(lines)} lines of {boots} boots, {bytes_told} bytes")
    # Half of the ring at least, none of the first boot and all of the last ones.
    assert RING / 2 < bytes_told < 2 * RING
    assert 3 <= boots < BOOTS
    assert any(text == "connector 1 Charging" for _, _, text in lines[-40:])


def test_a_ring_of_something_else_is_written_over(charger):
    flash = bytearray(b"\xff" * 0x200000)
    flash[0xDE000:0xFC000] = bytes(range(256)) * ((0xFC000 - 0xDE000) // 256)
    charger.flash.write_bytes(flash)
    charge(charger, 1)
    assert "connector 1 Charging" in [text for _, _, text in told(charger)]
