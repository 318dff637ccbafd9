/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * -do=put, look, fill, drop: records that another firmware may have left, and a partition that is
 * full of them. No charge point runs meanwhile.
 */

#include <stdbool.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/util.h>

#include "cuts.h"
#include "port.h"
#include "storage.h"

#define LONGEST      512
#define CHECK_SUM    4
#define REPLACEMENTS 5000

/* Names of which the charge point has none yet. */
#define FOREIGN      0x3000
#define MOST_FOREIGN 1000

static uint8_t bytes[LONGEST + CHECK_SUM];

#define MUST(call) must(call, #call)

static int write(uint16_t id, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bytes[i] = (uint8_t)(id + i);
	}

	return ocpp_port_storage_write(id, bytes, length);
}

/* Whether it is what write() has written, if there is one. */
static bool is_there(uint16_t id, size_t length)
{
	if (ocpp_port_storage_read(id, 0, bytes, sizeof(bytes)) != (int)length) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != (uint8_t)(id + i)) {
			return false;
		}
	}

	return true;
}

void put_record(uint16_t id, size_t length)
{
	MUST(ocpp_port_storage_open());
	MUST(write(id, MIN(length, LONGEST)));
	printk("put record %d\n", id);
}

void look_at_record(uint16_t id, size_t length)
{
	MUST(ocpp_port_storage_open());
	printk("record %d is %s\n", id, is_there(id, length) ? "there" : "not there");
}

/*
 * As much as zephyr/port/src/storage/capacity.rs says that there is room for: whatever is written then
 * replaces something, and is never refused.
 */
static void replace_again_and_again(void)
{
	const size_t stored = CUTS_LONGEST + CHECK_SUM + CUTS_ENTRY;
	const size_t room = CUTS_PAGE - 3 * CUTS_ENTRY - stored;
	const uint16_t count = (CUTS_SIZE / CUTS_PAGE - 1) * room / stored;
	uint32_t random = 5;

	for (uint16_t i = 0; i < count; i++) {
		MUST(write(FOREIGN + i, CUTS_LONGEST));
	}
	for (int i = 0; i < REPLACEMENTS; i++) {
		random = random * 1664525U + 1013904223U;
		MUST(write(FOREIGN + (random >> 8) % count,
			   i % 3 == 0 ? CUTS_LONGEST - i % 2 : 1 + (random >> 20) % CUTS_LONGEST));
	}
	printk("%d records were replaced %d times\n", count, REPLACEMENTS);
}

void fill_partition(size_t length)
{
	static uint16_t lengths[MOST_FOREIGN];
	uint16_t count = 0;

	MUST(ocpp_port_storage_open());
	replace_again_and_again();
	/* Each half as long as the one before, at the end those of no byte. */
	for (length = MIN(length, LONGEST); length > 0; length /= 2) {
		int ret = 0;

		while (count < MOST_FOREIGN && ret == 0) {
			ret = write(FOREIGN + count, length);
			if (ret == 0) {
				lengths[count++] = length;
			}
		}
		MUST(ret != OCPP_PORT_STORAGE_FULL);
	}
	/* A longer one of that name is refused, too, and the one that is there stays. */
	MUST(write(FOREIGN, LONGEST) != OCPP_PORT_STORAGE_FULL);
	for (int opened = 0; opened < 2; opened++) {
		for (uint16_t i = 0; i < count; i++) {
			MUST(!is_there(FOREIGN + i, lengths[i]));
		}
		MUST(ocpp_port_storage_open());
	}
	/* Erasing makes room for one of its length, and for no other. */
	MUST(ocpp_port_storage_erase(FOREIGN));
	MUST(is_there(FOREIGN, lengths[0]));
	MUST(write(FOREIGN, lengths[0]));
	MUST(write(FOREIGN + count, lengths[0]) != OCPP_PORT_STORAGE_FULL);
	MUST(!is_there(FOREIGN, lengths[0]));
	printk("filled with %d records\n", count);
}

void drop_foreign_records(void)
{
	MUST(ocpp_port_storage_open());
	for (uint16_t i = 0; i < MOST_FOREIGN; i++) {
		MUST(ocpp_port_storage_erase(FOREIGN + i));
	}
	printk("dropped\n");
}
