/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What the ring of zephyr/port/src/diagnostics is in, where that is flash; its lock; and why the
 * hardware has booted. Addresses count from the beginning of the partition.
 */

#include <zephyr/devicetree.h>
#include <zephyr/drivers/flash.h>
#include <zephyr/drivers/hwinfo.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/sys/util.h>

#include "port.h"

LOG_MODULE_DECLARE(ocpp, CONFIG_OCPP_LOG_LEVEL);

static K_MUTEX_DEFINE(diagnostics_lock);

void ocpp_port_diagnostics_lock(void)
{
	(void)k_mutex_lock(&diagnostics_lock, K_FOREVER);

	/* Rust hands out exclusive access: a thread that holds it must not get it again. */
	if (diagnostics_lock.lock_count != 1U) {
		k_panic();
	}
}

void ocpp_port_diagnostics_unlock(void)
{
	(void)k_mutex_unlock(&diagnostics_lock);
}

uint32_t ocpp_port_reset_causes(void)
{
	uint32_t causes = 0;

#ifdef CONFIG_HWINFO
	if (hwinfo_get_reset_cause(&causes) != 0) {
		return 0;
	}
#endif

	return causes;
}

#ifdef CONFIG_OCPP_DIAGNOSTICS_FLASH

#if DT_HAS_CHOSEN(ocpp_diagnostics_partition)
#define PARTITION DT_CHOSEN(ocpp_diagnostics_partition)
#else
#define PARTITION DT_NODELABEL(diagnostics_partition)
#endif

#define ROOM MIN(FIXED_PARTITION_NODE_SIZE(PARTITION), CONFIG_OCPP_DIAGNOSTICS_FLASH_SIZE)

/* In smaller ones the ring has more heads than lines. */
#define SMALLEST_SECTOR 1024U

static const struct device *flash(void)
{
	return FIXED_PARTITION_NODE_DEVICE(PARTITION);
}

static off_t address(uint32_t at)
{
	return FIXED_PARTITION_NODE_OFFSET(PARTITION) + (off_t)at;
}

bool ocpp_port_diagnostics_open(struct ocpp_port_geometry *geometry)
{
	struct flash_pages_info page;
	size_t size;

	if (!device_is_ready(flash()) ||
	    flash_get_page_info_by_offs(flash(), address(0), &page) < 0) {
		LOG_ERR("diagnostics: the flash is not ready");
		return false;
	}

	size = page.size;
	for (size_t at = 0; at + size <= ROOM; at += size) {
		if (flash_get_page_info_by_offs(flash(), address(at), &page) < 0 ||
		    page.size != size || page.start_offset != address(at)) {
			LOG_ERR("diagnostics: the pages of the partition differ, or it begins in one");
			return false;
		}
	}

	geometry->sector = ROUND_UP(SMALLEST_SECTOR, size);
	geometry->sectors = ROOM / geometry->sector;
	geometry->align = flash_get_write_block_size(flash());
	geometry->erased = flash_get_parameters(flash())->erase_value;

	return true;
}

static bool is_in_partition(uint32_t at, size_t length)
{
	return at <= ROOM && length <= ROOM - at;
}

bool ocpp_port_diagnostics_read(uint32_t at, uint8_t *into, size_t length)
{
	return is_in_partition(at, length) && flash_read(flash(), address(at), into, length) == 0;
}

bool ocpp_port_diagnostics_write(uint32_t at, const uint8_t *bytes, size_t length)
{
	return is_in_partition(at, length) && flash_write(flash(), address(at), bytes, length) == 0;
}

bool ocpp_port_diagnostics_erase(uint32_t at, uint32_t length)
{
	return is_in_partition(at, length) && flash_erase(flash(), address(at), length) == 0;
}

#endif /* CONFIG_OCPP_DIAGNOSTICS_FLASH */
