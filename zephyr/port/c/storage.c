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
#include <string.h>

#include <zephyr/devicetree.h>
#include <zephyr/drivers/flash.h>
#include <zephyr/fs/nvs.h>
#include <zephyr/logging/log.h>
#include <zephyr/storage/flash_map.h>
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

/* What NVS ends a sector with, as its documentation has it. */
struct ate {
	uint16_t id;
	uint16_t offset;
	uint16_t len;
	uint8_t part;
	uint8_t crc8;
} __packed;

#define CLOSING_ID 0xffffU

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

static bool is_closed_by_nvs(uint16_t sector)
{
	size_t aligned = ROUND_UP(sizeof(struct ate), flash_get_write_block_size(fs.flash_device));
	struct ate ate;

	if (flash_read(fs.flash_device, sector_at(sector) + fs.sector_size - aligned, &ate,
		       sizeof(ate)) < 0) {
		/* Nothing is erased that cannot be read now. */
		return true;
	}

	return ate.id == CLOSING_ID && ate.len == 0 &&
	       ate.crc8 == crc8_ccitt(0xff, &ate, offsetof(struct ate, crc8));
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

int ocpp_port_storage_read(uint16_t id, uint16_t age, uint8_t *into, size_t room)
{
	uint32_t sum;
	size_t length;
	ssize_t ret;

	ret = nvs_read_hist(&fs, id, into, room, age);
	if (ret == -ENOENT) {
		return OCPP_PORT_STORAGE_NONE;
	}
	if (ret < (ssize_t)sizeof(sum) || (size_t)ret > room) {
		return OCPP_PORT_STORAGE_DAMAGED;
	}

	length = (size_t)ret - sizeof(sum);
	memcpy(&sum, &into[length], sizeof(sum));

	return sum == check_sum(id, into, length) ? (int)length : OCPP_PORT_STORAGE_DAMAGED;
}

static size_t aligned(size_t length)
{
	return ROUND_UP(length, flash_get_write_block_size(fs.flash_device));
}

/*
 * What is written next must not take the very last place in a sector. NVS does not find it there
 * when a power loss damages the entry that closes the sector, so that an erased record would be
 * back; and it does not open at all when a power loss damages the entry of a record that ends
 * there.
 */
static int leave_last_place(size_t length)
{
	size_t entry = length == 0 ? 0 : aligned(sizeof(struct ate));
	int ret = 0;

	for (uint16_t i = 0; i < fs.sector_count && ret == 0; i++) {
		if (fs.ate_wra != fs.data_wra + aligned(length) + entry) {
			break;
		}
		ret = nvs_sector_use_next(&fs);
	}

	return ret;
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
	size_t written;
	int ret;

	memcpy(&record[length], &sum, sizeof(sum));
	length += sizeof(sum);
	/* NVS may have a check sum of its own. */
	written = length + (IS_ENABLED(CONFIG_NVS_DATA_CRC) ? sizeof(sum) : 0);
	ret = leave_last_place(written);

	return result(ret < 0 ? ret : nvs_write(&fs, id, record, length));
}

int ocpp_port_storage_erase(uint16_t id)
{
	int ret = leave_last_place(0);

	return result(ret < 0 ? ret : nvs_delete(&fs, id));
}
