# SPDX-License-Identifier: Apache-2.0

"""Records that cannot be read, or not be written, do not stop a charge point, and are told of."""

from partition import damage

CONNECTION_TIME_OUT = 0x0105
FIRST_CACHE_ENTRY = 0x1000
FIRST_OF_JOURNAL = 0x2000
# Longer than any record of this configuration, but not than one of another.
LONG = 300
LONGEST = 172


def skipped(image):
    return [line for line in image.lines if " is skipped" in line]


def value(charger, key):
    answer = charger.commands.call(f"GetConfiguration {{'key':['{key}']}}")
    return answer.split('"value":"')[1].split('"')[0]


def charge_once(charger):
    image = charger.start_connected("sessions")
    assert image.says("flash: ")
    charger.lose_power(image)
    return image


def run(charger, what, **options):
    image = charger.start(what, **options)
    image.end()
    return image.lines[-1]


def test_damaged_record_is_told_and_does_not_stop_the_boot(charger):
    image = charger.start_connected("idle")
    charger.change("ConnectionTimeOut", "1234")
    charger.lose_power(image)
    damage(charger.flash, CONNECTION_TIME_OUT)
    image = charger.start_connected("sessions")
    assert image.says(f"record {CONNECTION_TIME_OUT} is damaged")
    assert image.says(f"record {CONNECTION_TIME_OUT} is skipped")
    assert image.says("flash: ")
    assert len(skipped(image)) == 1
    assert value(charger, "ConnectionTimeOut") == "60"
    charger.change("ConnectionTimeOut", "77")
    charger.lose_power(image)
    image = charger.start_connected("idle")
    assert value(charger, "ConnectionTimeOut") == "77"
    charger.lose_power(image)
    assert not skipped(image)


def test_record_before_a_damaged_one_is_taken_and_nothing_is_skipped(charger):
    image = charger.start_connected("idle")
    charger.change("ConnectionTimeOut", "1234")
    charger.change("ConnectionTimeOut", "4321")
    charger.lose_power(image)
    damage(charger.flash, CONNECTION_TIME_OUT)
    image = charger.start_connected("idle")
    assert image.says(f"record {CONNECTION_TIME_OUT} is an older one")
    assert value(charger, "ConnectionTimeOut") == "1234"
    charger.lose_power(image)
    assert not skipped(image)


def test_damaged_message_is_told_though_its_place_was_used_before(charger):
    charge_once(charger)
    charger.settle()
    # What was erased is no older record to fall back to.
    charger.go_offline()
    image = charger.start("sessions")
    assert image.says("flash: ")
    charger.lose_power(image)
    damage(charger.flash, FIRST_OF_JOURNAL)
    image = charger.start("idle")
    assert image.says(f"record {FIRST_OF_JOURNAL} is skipped")
    charger.lose_power(image)


def test_record_that_is_too_long_is_told_and_stays(charger):
    for record in (CONNECTION_TIME_OUT, FIRST_CACHE_ENTRY, FIRST_OF_JOURNAL):
        assert run(charger, "put", record=record, bytes=LONG) == f"put record {record}"
    # Shorter ones of its name were there before.
    assert run(charger, "put", record=FIRST_OF_JOURNAL, bytes=40)
    assert run(charger, "put", record=FIRST_OF_JOURNAL, bytes=LONG)
    charger.register = 1000
    image = charge_once(charger)
    for record in (CONNECTION_TIME_OUT, FIRST_CACHE_ENTRY, FIRST_OF_JOURNAL):
        assert image.says(f"record {record} is too long")
        assert image.says(f"record {record} is skipped")
    charger.settle()
    assert charger.station.books() == "1:1000-1050"
    # Messages went to other places; what is no message is not written either.
    for record in (CONNECTION_TIME_OUT, FIRST_OF_JOURNAL):
        assert run(charger, "look", record=record, bytes=LONG) == f"record {record} is there"


def test_full_partition_refuses_what_it_has_no_room_for_and_keeps_the_rest(charger):
    image = charger.start_connected("idle")
    charger.change("ConnectionTimeOut", "1234")
    charger.lose_power(image)
    assert run(charger, "fill", bytes=LONGEST).startswith("filled with ")

    image = charger.start_connected("refused")
    assert image.says("refused")
    assert image.says("storage: no room for ")
    assert value(charger, "ConnectionTimeOut") == "1234"
    charger.lose_power(image)
    assert charger.calls("StartTransaction") == []

    assert run(charger, "drop") == "dropped"
    charger.register = 5000
    image = charge_once(charger)
    assert not any("no room" in line for line in image.lines)
    charger.settle()
    assert charger.station.books() == "1:5000-5050"
