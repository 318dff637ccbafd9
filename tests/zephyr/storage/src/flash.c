/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Power losses in the flash simulator. Its thresholds say which of its writes is the last, how much
 * of that is written, and which erasure does not happen any more. Nothing tells in which order
 * writes and erasures come, but NVS stops at an erasure that did not happen: how much it has
 * written until then is the answer.
 */

#include "flash.h"

#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/stats/stats.h>
#include <zephyr/sys/crc.h>
#include <zephyr/sys/util.h>

#include "storage.h"

#define MOST_ERASURES 16
#define LARGEST_FLASH (64 * 1024)
#define COARSE        20
#define WHOLE         UINT32_MAX
#define NEVER         UINT32_MAX
#define TRIES         20000

/* What NVS writes behind a record. */
struct entry {
	uint16_t id;
	uint16_t offset;
	uint16_t length;
	uint8_t part;
	uint8_t check_sum;
} __packed;

struct counter {
	const char *name;
	uint32_t *value;
};

static struct counter writes = {"flash_write_calls"}, written = {"bytes_written"},
		      erasures = {"flash_erase_calls"}, last_write = {"max_write_calls"},
		      last_length = {"max_len"}, first_lost_erasure = {"max_erase_calls"};

static uint8_t *flash;
static size_t flash_size, page_size;
static uint32_t noise = 1;

/* What one run of it has done until power was lost, or was about to do then. */
static struct {
	uint32_t writes;
	uint32_t written;
	uint32_t erasures;
} done;

static int look_at(struct stats_hdr *group, void *arg, const char *name, uint16_t offset)
{
	struct counter *counter = arg;

	if (strcmp(name, counter->name) == 0) {
		counter->value = (uint32_t *)((uint8_t *)group + offset);
	}

	return 0;
}

static void find(const char *group, struct counter *counter)
{
	stats_walk(stats_group_find(group), look_at, counter);
	must(counter->value == NULL, counter->name);
}

void flash_print_counts(void)
{
	find("flash_sim_stats", &writes);
	find("flash_sim_stats", &written);
	find("flash_sim_stats", &erasures);
	printk("flash: %u writes, %u bytes, %u erasures\n", *writes.value, *written.value,
	       *erasures.value);
}

void flash_take(uint8_t *memory, size_t size, size_t page)
{
	flash = memory;
	flash_size = size;
	page_size = page;
	find("flash_sim_stats", &writes);
	find("flash_sim_stats", &written);
	find("flash_sim_stats", &erasures);
	find("flash_sim_thresholds", &last_write);
	find("flash_sim_thresholds", &last_length);
	find("flash_sim_thresholds", &first_lost_erasure);
}

/* Until that write, of which so many bytes are written, or until that erasure. */
static void run_until(const struct interrupted *it, uint32_t write, uint32_t length,
		      uint32_t erasure)
{
	uint32_t writes_before, written_before, erasures_before;

	memcpy(flash, it->start, flash_size);
	if (it->prepare != NULL) {
		must(it->prepare(), "prepare()");
	}
	writes_before = *writes.value;
	written_before = *written.value;
	erasures_before = *erasures.value;
	*last_write.value = write == NEVER ? 0 : writes_before + write;
	*last_length.value = length;
	*first_lost_erasure.value = erasures_before + erasure;
	(void)it->operate();
	*last_write.value = 0;
	*first_lost_erasure.value = 0;
	done.writes = *writes.value - writes_before;
	done.written = *written.value - written_before;
	done.erasures = *erasures.value - erasures_before;
}

static uint8_t random_byte(void)
{
	noise = noise * 1664525U + 1013904223U;

	return (uint8_t)(noise >> 24);
}

static bool is_entry(const struct entry *entry)
{
	return entry->check_sum == crc8_ccitt(0xff, entry, offsetof(struct entry, check_sum)) &&
	       entry->offset + entry->length < page_size - sizeof(*entry);
}

/* A write that has cleared some of its bits, in whatever order. */
static void tear(uint8_t *bytes, const uint8_t *unwritten, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		bytes[i] |= unwritten[i] & random_byte();
	}
}

/*
 * The same of a record's entry, but so that its check sum of eight bits is right: once in a while
 * it is, and NVS takes it for a whole one. False for another write.
 */
static bool tear_entry(const uint8_t *unwritten)
{
	uint8_t torn[sizeof(struct entry)];
	struct entry whole, entry;
	size_t at = 0;

	while (at < flash_size && memcmp(&flash[at], &unwritten[at], sizeof(entry)) == 0) {
		at += sizeof(entry);
	}
	memcpy(&whole, &flash[MIN(at, flash_size - sizeof(whole))], sizeof(whole));
	if (!is_entry(&whole) || whole.id == UINT16_MAX || whole.length == 0) {
		return false;
	}
	for (int i = 0; i < TRIES; i++) {
		memcpy(torn, &whole, sizeof(torn));
		for (size_t byte = 0; byte < sizeof(torn); byte++) {
			tear(&torn[byte], &unwritten[at + byte], random_byte() % 2);
		}
		memcpy(&entry, torn, sizeof(entry));
		/*
		 * One that is not asked for does nothing. One that reaches its own place NVS does
		 * not live with.
		 */
		if (is_entry(&entry) && entry.id == whole.id &&
		    memcmp(&entry, &whole, sizeof(entry)) != 0 &&
		    entry.offset + entry.length < at % page_size) {
			memcpy(&flash[at], torn, sizeof(torn));
			return true;
		}
	}

	return false;
}

static void tear_write(const struct interrupted *it, uint32_t write, uint32_t lost_erasure)
{
	static uint8_t unwritten[LARGEST_FLASH];

	run_until(it, write, 0, lost_erasure);
	memcpy(unwritten, flash, flash_size);
	run_until(it, write, WHOLE, lost_erasure);
	if (tear_entry(unwritten)) {
		it->visit(false);
		run_until(it, write, WHOLE, lost_erasure);
	}
	tear(flash, unwritten, flash_size);
	it->visit(false);
}

/* Which page it is: what the next moment makes another one. */
static uint8_t *page_of_erasure(const struct interrupted *it, uint32_t erasure, uint32_t writes)
{
	static uint8_t erased[LARGEST_FLASH];

	run_until(it, writes + 1, 0, erasure + 1);
	memcpy(erased, flash, flash_size);
	run_until(it, NEVER, 0, erasure);
	for (size_t page = 0; page < flash_size; page += page_size) {
		if (memcmp(&erased[page], &flash[page], page_size) != 0) {
			return &flash[page];
		}
	}

	return NULL;
}

/*
 * An erasure that has set some of its bits, in whatever order. Many memories clear all of them at
 * first.
 */
static void tear_erasure(uint8_t *page, int how)
{
	switch (how) {
	case 0:
		memset(page, 0xff, page_size / 2);
		break;
	case 1:
		memset(&page[page_size / 2], 0xff, page_size / 2);
		break;
	case 2:
		memset(page, 0, page_size);
		break;
	default:
		for (size_t i = 0; i < page_size; i++) {
			page[i] |= random_byte();
		}
	}
}

/* Gives how many there are, and how many writes came before each of them. */
static uint32_t cut_at_erasures(const struct interrupted *it, uint32_t *writes_before)
{
	for (uint32_t erasure = 1;; erasure++) {
		uint8_t *page;

		run_until(it, NEVER, 0, erasure);
		if (done.erasures < erasure) {
			return erasure - 1;
		}
		must(erasure > MOST_ERASURES, "erasures");
		writes_before[erasure - 1] = done.writes;
		it->visit(false);

		page = page_of_erasure(it, erasure, writes_before[erasure - 1]);
		for (int how = 0; page != NULL && how < 4; how++) {
			run_until(it, NEVER, 0, erasure);
			tear_erasure(page, how);
			it->visit(false);
		}
	}
}

void flash_each_cut(const struct interrupted *it)
{
	uint32_t writes_before[MOST_ERASURES], count, lost_erasure = 1, whole = 0;
	uint32_t step = it->prepare != NULL ? 1 : COARSE;

	count = cut_at_erasures(it, writes_before);
	for (uint32_t write = 1;; write++) {
		bool is_whole = false;

		while (lost_erasure <= count && writes_before[lost_erasure - 1] < write) {
			lost_erasure++;
		}
		/* Without a byte of it is with all bytes of the one before. */
		for (uint32_t length = write > 1; !is_whole; length += step) {
			run_until(it, write, length, lost_erasure);
			if (done.writes < write) {
				return;
			}
			is_whole = done.written > whole;
			whole = done.written;
			it->visit(!is_whole && length > 0);
		}
		tear_write(it, write, lost_erasure);
	}
}
