/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Records in flash, for zephyr/port/src/storage.rs: Zephyr's NVS on the partition that the
 * devicetree names. Only the engine's thread comes here.
 *
 * Each record has a check sum behind it, for NVS has none but eight bits for a record's place. It
 * covers the record's name, too: a place that was half written could have that of another one.
 */

#include <errno.h>

#include <zephyr/devicetree.h>
#include <zephyr/drivers/flash.h>
#include <zephyr/fs/nvs.h>
#include <zephyr/logging/log.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/sys/byteorder.h>
#include <zephyr/sys/crc.h>
#include <zephyr/sys/util.h>

#include "port.h"

LOG_MODULE_DECLARE(ocpp, CONFIG_OCPP_LOG_LEVEL);

#if DT_HAS_CHOSEN(ocpp_storage_partition)
#define PARTITION DT_CHOSEN(ocpp_storage_partition)
#else
#define PARTITION DT_NODELABEL(storage_partition)
#endif

/* NVS counts within a sector with 16 bits; in smaller ones there is more overhead than room. */
#define SMALLEST_SECTOR 2048U
#define LARGEST_SECTOR  32768U

/* What NVS writes for a record behind its bytes, and at the end of a sector. */
struct ate {
	uint16_t id;
	uint16_t offset;
	uint16_t len;
	uint8_t part;
	uint8_t crc8;
} __packed;

#define CLOSING_ID 0xffffU

/* NVS's addresses: a sector's number, and behind it the place in there. */
#define SECTOR_SHIFT 16

/* Behind each record, and what NVS may write behind that. */
#define CHECK_SUM     4
#define NVS_CHECK_SUM (IS_ENABLED(CONFIG_NVS_DATA_CRC) ? 4 : 0)
#define LAST_BIT      BIT(31)

/* Of a long record, at once. */
#define CHUNK 32

static struct nvs_fs fs;

static int lay_out(void)
{
	struct flash_pages_info page;
	size_t sector, room;
	int ret;

	fs.flash_device = FIXED_PARTITION_NODE_DEVICE(PARTITION);
	fs.offset = FIXED_PARTITION_NODE_OFFSET(PARTITION);
	if (!device_is_ready(fs.flash_device)) {
		LOG_ERR("storage: the flash is not ready");
		return -ENODEV;
	}

	ret = flash_get_page_info_by_offs(fs.flash_device, fs.offset, &page);
	if (ret < 0) {
		LOG_ERR("storage: no page of the flash: error %d", ret);
		return ret;
	}

	sector = ROUND_UP(SMALLEST_SECTOR, page.size);
	room = MIN(FIXED_PARTITION_NODE_SIZE(PARTITION), CONFIG_OCPP_STORAGE_FLASH_SIZE);
	if (sector > LARGEST_SECTOR || room / sector < 2) {
		LOG_ERR("storage: %zu bytes with pages of %zu cannot be used", room, page.size);
		return -EINVAL;
	}

	fs.sector_size = (uint16_t)sector;
	fs.sector_count = (uint16_t)(room / sector);

	return 0;
}

static off_t sector_at(uint16_t sector)
{
	return fs.offset + (off_t)sector * fs.sector_size;
}

static size_t aligned(size_t length)
{
	return ROUND_UP(length, flash_get_write_block_size(fs.flash_device));
}

/* 1 for a whole entry, 0 for none; less when it cannot be read. */
static int read_entry(uint16_t sector, size_t at, struct ate *ate)
{
	int ret = flash_read(fs.flash_device, sector_at(sector) + at, ate, sizeof(*ate));

	return ret < 0 ? ret : ate->crc8 == crc8_ccitt(0xff, ate, offsetof(struct ate, crc8));
}

static bool is_closed_by_nvs(uint16_t sector)
{
	struct ate ate;
	int ret = read_entry(sector, fs.sector_size - aligned(sizeof(ate)), &ate);

	/* Nothing is erased that cannot be read now. */
	return ret < 0 || (ret == 1 && ate.id == CLOSING_ID && ate.len == 0);
}

/*
 * NVS does not find a sector to write to. That is how a partition with something else looks, but
 * also one of ours when power was lost twice: while NVS made room, and again while it erased what
 * it had half copied. Ours has sectors that NVS has closed, which stay.
 */
static int erase_what_nvs_cannot_read(void)
{
	uint16_t kept = 0;
	int ret;

	for (uint16_t sector = 0; sector < fs.sector_count; sector++) {
		if (is_closed_by_nvs(sector)) {
			kept++;
			continue;
		}
		ret = flash_erase(fs.flash_device, sector_at(sector), fs.sector_size);
		if (ret < 0) {
			return ret;
		}
	}

	LOG_ERR("storage: %u of %u sectors were unreadable and are erased",
		(unsigned int)(fs.sector_count - kept), (unsigned int)fs.sector_count);

	return 0;
}

static bool is_unreadable(int ret)
{
	return ret == -EDEADLK || ret == -ESPIPE;
}

int ocpp_port_storage_open(void)
{
	int ret;

	/* Anew at each start: the next one may do what this one could not. */
	fs.ready = false;
	ret = lay_out();
	if (ret < 0) {
		return OCPP_PORT_STORAGE_FAILED;
	}

	ret = nvs_mount(&fs);
	if (is_unreadable(ret)) {
		ret = erase_what_nvs_cannot_read();
		if (ret == 0) {
			ret = nvs_mount(&fs);
		}
	}
	if (is_unreadable(ret)) {
		LOG_ERR("storage: the partition is unreadable: it is formatted");
		ret = flash_erase(fs.flash_device, fs.offset,
				  (size_t)fs.sector_count * fs.sector_size);
		if (ret == 0) {
			ret = nvs_mount(&fs);
		}
	}
	if (ret != 0) {
		LOG_ERR("storage: error %d", ret);
		return OCPP_PORT_STORAGE_FAILED;
	}

	LOG_INF("storage: %u sectors of %u bytes", (unsigned int)fs.sector_count,
		(unsigned int)fs.sector_size);

	return 0;
}

static uint32_t check_sum(uint16_t id, const uint8_t *record, size_t length)
{
	return crc32_ieee_update(crc32_ieee((uint8_t *)&id, sizeof(id)), record, length);
}

/* The bit that sees to it that no record ends in a byte of erased flash is not compared. */
static bool is_right(uint32_t sum, const uint8_t *stored)
{
	return ((sum ^ sys_get_le32(stored)) & ~LAST_BIT) == 0;
}

/* Whether what an entry tells of is whole, damaged, or was never written. */
static int judge_entry(off_t sector, size_t place, const struct ate *ate)
{
	size_t left = ate->len - NVS_CHECK_SUM - CHECK_SUM;
	uint32_t sum = check_sum(ate->id, NULL, 0);
	off_t at = sector + ate->offset;
	uint8_t bytes[CHUNK];

	if (ate->len < NVS_CHECK_SUM + CHECK_SUM) {
		return OCPP_PORT_STORAGE_DAMAGED;
	}
	while (left > 0) {
		size_t part = MIN(left, sizeof(bytes));

		if (flash_read(fs.flash_device, at, bytes, part) < 0) {
			return OCPP_PORT_STORAGE_FAILED;
		}
		sum = crc32_ieee_update(sum, bytes, part);
		at += part;
		left -= part;
	}
	if (flash_read(fs.flash_device, at, bytes, CHECK_SUM) < 0) {
		return OCPP_PORT_STORAGE_FAILED;
	}
	if (is_right(sum, bytes)) {
		return OCPP_PORT_STORAGE_TOO_LONG;
	}
	if (bytes[CHECK_SUM - 1] == fs.flash_parameters->erase_value ||
	    (size_t)ate->offset + ate->len > place) {
		return OCPP_PORT_STORAGE_TORN;
	}

	return OCPP_PORT_STORAGE_DAMAGED;
}

/*
 * Looks through a sector for entries with that name, the oldest first, and gives how many there
 * are; less when it cannot be read. `found` is the one with that number.
 */
static int entries_in(uint16_t sector, uint16_t id, int number, struct ate *found, size_t *place)
{
	size_t entry = aligned(sizeof(struct ate)), end = 0;
	int count = 0;

	for (size_t at = fs.sector_size - 2 * entry; at > end; at -= entry) {
		struct ate ate;
		int ret = read_entry(sector, at, &ate);

		if (ret < 0) {
			return ret;
		}
		if (ret == 0 || (size_t)ate.offset + ate.len >= fs.sector_size - entry) {
			continue;
		}
		end = ate.offset + ate.len;
		if (ate.id == id && count++ == number) {
			*found = ate;
			*place = at;
		}
	}

	return count;
}

/*
 * Why a record was not read: it is longer than what it was to be read into, or not what was
 * written. NVS does not say where it is; this looks for it in the same order.
 *
 * An entry of which a power loss left a part unwritten says more than there is, in its place or in
 * its length, because to write is to clear bits: what it tells of ends in erased flash, or behind
 * the entry itself.
 */
static int judge(uint16_t id, int age)
{
	uint16_t sector = (uint16_t)(fs.ate_wra >> SECTOR_SHIFT);

	for (uint16_t i = 0; i < fs.sector_count; i++) {
		struct ate ate;
		size_t place;
		int count = entries_in(sector, id, -1, &ate, &place);

		if (count > age) {
			count = entries_in(sector, id, count - 1 - age, &ate, &place);
		}
		if (count < 0) {
			return OCPP_PORT_STORAGE_FAILED;
		}
		if (count > age) {
			return judge_entry(sector_at(sector), place, &ate);
		}
		age -= count;
		sector = (sector == 0 ? fs.sector_count : sector) - 1;
	}

	return OCPP_PORT_STORAGE_NONE;
}

int ocpp_port_storage_read(uint16_t id, uint16_t age, uint8_t *into, size_t room)
{
	ssize_t ret = nvs_read_hist(&fs, id, into, room, age);
	size_t length;

	if (ret == -EIO && IS_ENABLED(CONFIG_NVS_DATA_CRC)) {
		uint8_t first;

		/* NVS has read it and found it damaged. Of a part, it says how long all is. */
		ret = nvs_read_hist(&fs, id, &first, sizeof(first), age);
	}
	if (ret == -ENOENT) {
		return OCPP_PORT_STORAGE_NONE;
	}
	if (ret < 0) {
		LOG_ERR("storage: error %d", (int)ret);
		return OCPP_PORT_STORAGE_FAILED;
	}
	if (ret < CHECK_SUM) {
		return OCPP_PORT_STORAGE_DAMAGED;
	}

	length = (size_t)ret - CHECK_SUM;
	if ((size_t)ret <= room && is_right(check_sum(id, into, length), &into[length])) {
		return (int)length;
	}

	return judge(id, age);
}

/*
 * What is written next must not take the very last place in a sector. NVS does not find it there
 * when a power loss damages the entry that closes the sector, so that an erased record would be
 * back; and it does not open at all when a power loss damages the entry of a record that ends
 * there. So it is here that the sector is changed, and not by NVS while it writes.
 */
static int make_room(size_t length)
{
	size_t needed = length == 0 ? 0 : aligned(length) + aligned(sizeof(struct ate));

	for (uint16_t moved = 0; fs.ate_wra <= fs.data_wra + needed; moved++) {
		int ret = moved < fs.sector_count ? nvs_sector_use_next(&fs) : -ENOSPC;

		if (ret < 0) {
			/* Also where all sectors were moved, and no room was gained. */
			return ret;
		}
	}

	return 0;
}

static int result(ssize_t ret)
{
	if (ret >= 0) {
		return 0;
	}
	if (ret == -ENOSPC || ret == -EINVAL) {
		/* The second one: longer than a sector. */
		return OCPP_PORT_STORAGE_FULL;
	}

	LOG_ERR("storage: error %d", (int)ret);

	return OCPP_PORT_STORAGE_FAILED;
}

int ocpp_port_storage_write(uint16_t id, uint8_t *record, size_t length)
{
	uint32_t sum = check_sum(id, record, length);
	int ret;

	/* So that the last byte is not that of erased flash. */
	sum = fs.flash_parameters->erase_value == 0 ? sum | LAST_BIT : sum & ~LAST_BIT;
	sys_put_le32(sum, &record[length]);
	length += CHECK_SUM;
	ret = make_room(length + NVS_CHECK_SUM);

	return result(ret < 0 ? ret : nvs_write(&fs, id, record, length));
}

int ocpp_port_storage_erase(uint16_t id)
{
	int ret = make_room(0);

	return result(ret < 0 ? ret : nvs_delete(&fs, id));
}
