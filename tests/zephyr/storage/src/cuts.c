/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * -do=cuts: records are written and erased, and power is lost in each of these operations at every
 * write and every erasure of flash: before it, after each of its bytes, and with its bits in
 * disorder. Then the store is opened again, with another power loss at every write and erasure of
 * that, and every record has to be the old or the new one.
 */

#include <string.h>

#include <zephyr/device.h>
#include <zephyr/devicetree.h>
#include <zephyr/drivers/flash/flash_simulator.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log_ctrl.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/sys/util.h>

#include "flash.h"
#include "port.h"
#include "storage.h"

#define PARTITION DT_NODELABEL(storage_partition)
#define SIZE      DT_REG_SIZE(PARTITION)
#define PAGE      DT_PROP(DT_GPARENT(PARTITION), erase_block_size)

#define RECORDS 24
#define LONGEST 172
#define OLDEST  2

/* What NVS writes for a record, beside it. */
#define ENTRY     8
#define CHECK_SUM 4

/* The record that is written, or that is erased with version 0. */
struct operation {
	uint16_t id;
	uint8_t version;
};

static struct operation operation;
/* By its first byte a record is known; 0 is none. */
static uint8_t versions[RECORDS];
static uint8_t bytes[LONGEST + CHECK_SUM];
static uint32_t random_state = 77;

/* The partition; what was in it before the operation, after the power loss, and for the next. */
static uint8_t *flash;
static uint8_t before[SIZE], lost[SIZE], next[SIZE];

static int cuts, cuts_while_opening, wrong;

static uint32_t below(uint32_t limit)
{
	random_state = random_state * 1664525U + 1013904223U;

	return (random_state >> 8) % limit;
}

static size_t length_of(uint16_t id, uint8_t version)
{
	return 1 + (id * 31U + version * 7U) % LONGEST;
}

/* The version of a record; -1 when it is neither old nor new but something else. */
static int version_of(uint16_t id)
{
	int length = OCPP_PORT_STORAGE_DAMAGED;

	for (uint16_t age = 0; age <= OLDEST && length == OCPP_PORT_STORAGE_DAMAGED; age++) {
		length = ocpp_port_storage_read(id, age, bytes, sizeof(bytes));
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
	for (int i = 0; i < LONGEST; i++) {
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
	for (uint16_t id = 0; id < RECORDS; id++) {
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
	memcpy(lost, flash, SIZE);
	/* One of all of them is what the next operation finds. */
	if (below(cuts % 1024 + 1) == 0) {
		memcpy(next, lost, SIZE);
	}

	look_at_records();
	expect(operation.id, operate() == 0 ? version_of(operation.id) : -1, operation.version,
	       operation.version);
	if (within_write) {
		return;
	}
	flash_each_cut(&(struct interrupted){
		.start = lost,
		.operate = open_store,
		.visit = cut_while_opening,
	});
}

/* What is left of the sector that is written to: the one that has no closing entry. */
static size_t left_in_sector(void)
{
	size_t longest = 0;

	for (size_t page = 0; page < SIZE; page += PAGE) {
		size_t run = 0;

		for (size_t i = page; i < page + PAGE - 2 * ENTRY && before[page] != 0xff; i++) {
			run = before[i] == 0xff ? run + 1 : 0;
			if (before[page + PAGE - 1] == 0xff) {
				longest = MAX(longest, run);
			}
		}
	}

	return longest;
}

static void new_operation(void)
{
	size_t left = left_in_sector();
	/* There is room for an erasure where there is none for a record. */
	uint32_t one_erasure_of = left < 3 * ENTRY ? 2 : 5;

	/* Some are written seldom: NVS has to move them. */
	operation.id = below(1 + below(RECORDS));
	do {
		operation.version = below(one_erasure_of) ? 1 + below(250) : 0;
	} while (operation.version == versions[operation.id]);

	/* At its end, one that fills the sector or leaves room for an entry or two. */
	left -= MIN(left, CHECK_SUM + ENTRY * (1 + below(3)));
	for (uint8_t version = 1; version <= 250 && operation.version != 0; version++) {
		if (length_of(operation.id, version) == left &&
		    version != versions[operation.id]) {
			operation.version = version;
		}
	}
}

/* Whatever is stored now, nothing is torn. */
static void settle(const uint8_t *from)
{
	memcpy(flash, from, SIZE);
	must(open_store(), "open_store()");
	for (uint16_t id = 0; id < RECORDS; id++) {
		versions[id] = MAX(version_of(id), 0);
	}
	memcpy(before, flash, SIZE);
}

int cut_power(int operations)
{
	const struct device *device = FIXED_PARTITION_NODE_DEVICE(PARTITION);
	size_t size;

	/* It would say a line at each of the many times it is opened. */
	log_filter_set(NULL, 0, log_source_id_get("ocpp"), LOG_LEVEL_NONE);
	flash = (uint8_t *)flash_simulator_get_memory(device, &size) + DT_REG_ADDR(PARTITION);
	flash_take(flash, SIZE, PAGE);
	settle(flash);

	for (int i = 0; i < operations; i++) {
		new_operation();
		flash_each_cut(&(struct interrupted){
			.start = before,
			.prepare = open_store,
			.operate = operate,
			.visit = cut_while_operating,
		});
		if (below(8)) {
			memcpy(flash, before, SIZE);
			must(open_store(), "open_store()");
			must(operate(), "operate()");
			memcpy(next, flash, SIZE);
		}
		settle(next);
	}

	printk("%d operations: %d cuts and %d while opening, %d wrong\n", operations, cuts,
	       cuts_while_opening, wrong);

	return wrong;
}
