/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * -do=cuts: records are written and erased, and power is lost in each of these operations at every
 * write and every erasure of flash: before it, after each of its bytes, and with its bits in
 * disorder. Then the store is opened again, with another power loss at every write and erasure of
 * that, and every record has to be the old or the new one; none is told as damaged.
 */

#include <stdbool.h>
#include <string.h>

#include <zephyr/device.h>
#include <zephyr/devicetree.h>
#include <zephyr/drivers/flash/flash_simulator.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log_ctrl.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/sys/util.h>

#include "cuts.h"
#include "flash.h"
#include "port.h"
#include "storage.h"

#define OLDEST 2

/* The record that is written, or that is erased with version 0. */
struct operation {
	uint16_t id;
	uint8_t version;
};

static struct operation operation;
/* By its first byte a record is known; 0 is none. */
static uint8_t versions[CUTS_RECORDS];
static uint8_t bytes[CUTS_LONGEST + CUTS_CHECK_SUM];
static uint32_t random_state = 77;

/* The partition; what was in it before the operation, after the power loss, and for the next. */
static uint8_t *flash;
static uint8_t before[CUTS_SIZE], lost[CUTS_SIZE], next[CUTS_SIZE];

static int cuts, cuts_while_opening, torn, wrong;
/* Power is not lost again while the store opens. */
static bool opens_whole;

static uint32_t below(uint32_t limit)
{
	random_state = random_state * 1664525U + 1013904223U;

	return (random_state >> 8) % limit;
}

static size_t length_of(uint16_t id, uint8_t version)
{
	return 1 + (id * 31U + version * 7U) % CUTS_LONGEST;
}

/* The version of a record; -1 when it is neither old nor new but damaged, or something else. */
static int version_of(uint16_t id)
{
	int length = OCPP_PORT_STORAGE_TORN;

	for (uint16_t age = 0; age <= OLDEST && length == OCPP_PORT_STORAGE_TORN; age++) {
		length = ocpp_port_storage_read(id, age, bytes, sizeof(bytes));
		torn += length == OCPP_PORT_STORAGE_TORN;
	}
	if (length == OCPP_PORT_STORAGE_NONE) {
		return 0;
	}
	if (length < 1 || length != length_of(id, bytes[0])) {
		return -1;
	}
	for (int i = 1; i < length; i++) {
		if (bytes[i] != (uint8_t)(bytes[0] + i)) {
			return -1;
		}
	}

	return bytes[0];
}

static int open_store(void)
{
	return ocpp_port_storage_open();
}

static int operate(void)
{
	if (operation.version == 0) {
		return ocpp_port_storage_erase(operation.id);
	}
	for (int i = 0; i < CUTS_LONGEST; i++) {
		bytes[i] = (uint8_t)(operation.version + i);
	}

	return ocpp_port_storage_write(operation.id, bytes,
				       length_of(operation.id, operation.version));
}

static void expect(uint16_t id, int found, int either, int or)
{
	if (found != either && found != or) {
		printk("cut %d: record %d is %d, not %d or %d\n", cuts, id, found, either, or);
		wrong++;
	}
}

/* After a power loss; a later one finds what this one left. */
static void look_at_records(void)
{
	if (open_store() != 0) {
		printk("cut %d: it does not open\n", cuts);
		wrong++;
		return;
	}
	for (uint16_t id = 0; id < CUTS_RECORDS; id++) {
		uint8_t new = id == operation.id ? operation.version : versions[id];

		expect(id, version_of(id), versions[id], new);
	}
}

static void cut_while_opening(bool within_write)
{
	ARG_UNUSED(within_write);

	cuts_while_opening++;
	look_at_records();
}

static void cut_while_operating(bool within_write)
{
	cuts++;
	memcpy(lost, flash, CUTS_SIZE);
	/* One of all of them is what the next operation finds. */
	if (below(cuts % 1024 + 1) == 0) {
		memcpy(next, lost, CUTS_SIZE);
	}

	look_at_records();
	expect(operation.id, operate() == 0 ? version_of(operation.id) : -1, operation.version,
	       operation.version);
	if (within_write || opens_whole) {
		return;
	}
	flash_each_cut(&(struct interrupted){
		.start = lost,
		.operate = open_store,
		.visit = cut_while_opening,
	});
}

/* What is left of the sector that is written to: the one that has no closing entry. */
size_t cuts_left_in_sector(void)
{
	size_t longest = 0;

	for (size_t page = 0; page < CUTS_SIZE; page += CUTS_PAGE) {
		size_t run = 0;

		if (before[page] == 0xff || before[page + CUTS_PAGE - 1] != 0xff) {
			continue;
		}
		for (size_t i = page; i < page + CUTS_PAGE - 2 * CUTS_ENTRY; i++) {
			run = before[i] == 0xff ? run + 1 : 0;
			longest = MAX(longest, run);
		}
	}

	return longest;
}

/* The version of a record that makes it so long; 0 when it has no other one like that. */
uint8_t cuts_version_with(uint16_t id, size_t length)
{
	for (uint8_t version = 1; version <= 250; version++) {
		if (length_of(id, version) == length && version != versions[id]) {
			return version;
		}
	}

	return 0;
}

static void new_operation(void)
{
	size_t left = cuts_left_in_sector();
	/* There is room for an erasure where there is none for a record. */
	uint32_t one_erasure_of = left < 3 * CUTS_ENTRY ? 2 : 5;
	uint8_t version = 0;

	/* Some are written seldom: NVS has to move them. */
	operation.id = below(1 + below(CUTS_RECORDS));
	do {
		operation.version = below(one_erasure_of) ? 1 + below(250) : 0;
	} while (operation.version == versions[operation.id]);

	/* At its end, one that fills the sector or leaves room for an entry or two. */
	left -= MIN(left, CUTS_CHECK_SUM + CUTS_ENTRY * (1 + below(3)));
	if (operation.version != 0) {
		version = cuts_version_with(operation.id, left);
	}
	if (version != 0) {
		operation.version = version;
	}
}

/* Whatever is stored now, nothing is torn. */
static void settle(const uint8_t *from)
{
	memcpy(flash, from, CUTS_SIZE);
	must(open_store(), "open_store()");
	for (uint16_t id = 0; id < CUTS_RECORDS; id++) {
		versions[id] = MAX(version_of(id), 0);
	}
	memcpy(before, flash, CUTS_SIZE);
}

void cuts_cut(uint16_t id, uint8_t version, bool while_opening)
{
	opens_whole = !while_opening;
	operation = (struct operation){.id = id, .version = version};
	flash_each_cut(&(struct interrupted){
		.start = before,
		.prepare = open_store,
		.operate = operate,
		.visit = cut_while_operating,
	});
}

void cuts_carry_out(uint16_t id, uint8_t version)
{
	operation = (struct operation){.id = id, .version = version};
	memcpy(flash, before, CUTS_SIZE);
	must(open_store(), "open_store()");
	must(operate(), "operate()");
	memcpy(next, flash, CUTS_SIZE);
	settle(next);
}

void cuts_keep(uint8_t *flash_now)
{
	memcpy(flash_now, before, CUTS_SIZE);
}

void cuts_go_back(const uint8_t *flash_then)
{
	settle(flash_then);
}

static void cut_random_operations(int operations)
{
	for (int i = 0; i < operations; i++) {
		new_operation();
		cuts_cut(operation.id, operation.version, true);
		if (below(8)) {
			cuts_carry_out(operation.id, operation.version);
		} else {
			settle(next);
		}
	}
}

int cut_power(int operations)
{
	const struct device *device = FIXED_PARTITION_NODE_DEVICE(CUTS_PARTITION);
	size_t size;

	/* It would say a line at each of the many times it is opened. */
	log_filter_set(NULL, 0, log_source_id_get("ocpp"), LOG_LEVEL_NONE);
	flash = (uint8_t *)flash_simulator_get_memory(device, &size) + DT_REG_ADDR(CUTS_PARTITION);
	flash_take(flash, CUTS_SIZE, CUTS_PAGE);
	settle(flash);

	cut_in_crowded_sector();
	printk("a crowded sector: %d cuts and %d while opening, %d wrong\n", cuts,
	       cuts_while_opening, wrong);
	memset(next, 0xff, CUTS_SIZE);
	settle(next);
	cut_random_operations(operations);
	printk("%d operations: %d cuts and %d while opening; %d times an entry was torn and NVS "
	       "took it; %d wrong\n",
	       operations, cuts, cuts_while_opening, torn, wrong);

	return wrong;
}
