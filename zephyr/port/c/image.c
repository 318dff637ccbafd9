/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Images of the firmware, as MCUboot has them: the one that runs is in slot 0, the next one is put
 * into slot 1. MCUboot verifies it, so here is only found out whether it is an image and whole.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/dfu/flash_img.h>
#include <zephyr/dfu/mcuboot.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/sys/byteorder.h>

#include "port.h"

/* MCUboot's form of an image: docs/design.md there. All numbers are little-endian. */
#define HEADER_MAGIC        0x96f3b83d
#define HEADER_SIZE         32
#define TLV_INFO_MAGIC      0x6907
#define TLV_INFO_PROTECTED  0x6908
#define TLV_INFO_SIZE       4
#define TLV_SIZE            4
/* The hash over header and content, of 256 to 512 bits. */
#define TLV_SHA256          0x10
#define TLV_SHA512          0x12
#define HASH_SIZE           64

static struct flash_img_context slot;

int ocpp_port_image_begin(uint32_t *room)
{
	uint8_t area = flash_img_get_upload_slot();
	ssize_t end = boot_get_area_trailer_status_offset(area);
	int ret;

	if (end < 0) {
		return (int)end;
	}
	*room = (uint32_t)end;

	if (!IS_ENABLED(CONFIG_IMG_ERASE_PROGRESSIVELY)) {
		ret = boot_erase_img_bank(area);
		if (ret < 0) {
			return ret;
		}
	}

	return flash_img_init(&slot);
}

int ocpp_port_image_write(const uint8_t *bytes, size_t length)
{
	return flash_img_buffered_write(&slot, bytes, length, false);
}

int ocpp_port_image_end(bool is_whole)
{
	if (is_whole) {
		return flash_img_buffered_write(&slot, NULL, 0, true);
	}
	if (slot.flash_area != NULL) {
		flash_area_close(slot.flash_area);
		slot.flash_area = NULL;
	}

	return 0;
}

/* Finds the TLVs of an image behind its header and its content, those that are protected first. */
static int find_tlvs(const struct flash_area *area, size_t start, size_t *at, size_t *end)
{
	uint8_t header[HEADER_SIZE];
	uint8_t info[TLV_INFO_SIZE];
	uint32_t content;
	uint16_t magic;

	if (flash_area_read(area, start, header, sizeof(header)) < 0) {
		return -EIO;
	}
	content = sys_get_le32(&header[12]);
	if (sys_get_le32(header) != HEADER_MAGIC || sys_get_le16(&header[8]) < HEADER_SIZE ||
	    content >= area->fa_size) {
		return -ENOEXEC;
	}

	*at = start + sys_get_le16(&header[8]) + content;
	for (int i = 0; i < 2; i++) {
		if (*at + sizeof(info) > area->fa_size ||
		    flash_area_read(area, *at, info, sizeof(info)) < 0) {
			return -ENOEXEC;
		}
		magic = sys_get_le16(info);
		*end = *at + sys_get_le16(&info[2]);
		if (*end > area->fa_size || *end < *at + sizeof(info)) {
			return -ENOEXEC;
		}
		if (magic == TLV_INFO_MAGIC) {
			*at += sizeof(info);
			return 0;
		}
		if (magic != TLV_INFO_PROTECTED) {
			return -ENOEXEC;
		}
		*at = *end;
	}

	return -ENOEXEC;
}

/* Reads the hash that an image has of itself. */
static int read_hash(uint8_t id, uint8_t *hash)
{
	const struct flash_area *area;
	uint8_t tlv[TLV_SIZE];
	uint16_t length;
	size_t at;
	size_t end;
	int ret;

	ret = flash_area_open(id, &area);
	if (ret < 0) {
		return ret;
	}

	memset(hash, 0, HASH_SIZE);
	ret = find_tlvs(area, boot_get_image_start_offset(id), &at, &end);
	while (ret == 0) {
		if (at + sizeof(tlv) > end || flash_area_read(area, at, tlv, sizeof(tlv)) < 0) {
			ret = -ENOEXEC;
			break;
		}
		at += sizeof(tlv);
		length = sys_get_le16(&tlv[2]);
		if (IN_RANGE(sys_get_le16(tlv), TLV_SHA256, TLV_SHA512) && length <= HASH_SIZE &&
		    at + length <= end) {
			ret = flash_area_read(area, at, hash, length);
			break;
		}
		at += length;
	}

	flash_area_close(area);
	return ret;
}

int ocpp_port_image_check(void)
{
	uint8_t running[HASH_SIZE];
	uint8_t next[HASH_SIZE];
	int ret;

	ret = read_hash(flash_img_get_upload_slot(), next);
	if (ret < 0) {
		return ret;
	}
	if (read_hash(boot_fetch_active_slot(), running) == 0 &&
	    memcmp(running, next, sizeof(next)) == 0) {
		return OCPP_PORT_IMAGE_RUNNING;
	}

	return OCPP_PORT_IMAGE_NEW;
}

int ocpp_port_image_install(void)
{
	return boot_request_upgrade(BOOT_UPGRADE_TEST);
}

int ocpp_port_image_read(uint32_t from, uint8_t *into, size_t room)
{
	uint8_t id = flash_img_get_upload_slot();
	size_t start = boot_get_image_start_offset(id);
	const struct flash_area *area;
	size_t at;
	size_t end;
	int ret;

	ret = flash_area_open(id, &area);
	if (ret < 0) {
		return ret;
	}
	/* An image ends with its TLVs. What a file has behind them is no part of it. */
	ret = find_tlvs(area, start, &at, &end);
	if (ret == 0) {
		size_t length = end - start > from ? MIN(end - start - from, room) : 0;

		ret = flash_area_read(area, start + from, into, length);
		ret = ret < 0 ? ret : (int)length;
	}

	flash_area_close(area);
	return ret;
}

bool ocpp_port_image_confirm(void)
{
	return !boot_is_img_confirmed() && boot_write_img_confirmed() == 0;
}

uint32_t ocpp_port_image_mark(void)
{
	uint8_t running[HASH_SIZE];

	return read_hash(boot_fetch_active_slot(), running) == 0 ? sys_get_le32(running) : 0;
}

int ocpp_port_image_version(char *into, size_t size)
{
	struct mcuboot_img_header header;
	const struct mcuboot_img_sem_ver *version = &header.h.v1.sem_ver;
	int ret;

	ret = boot_read_bank_header(boot_fetch_active_slot(), &header, sizeof(header));
	if (ret < 0) {
		return ret;
	}
	ret = snprintf(into, size, "%u.%u.%u+%u", version->major, version->minor,
		       version->revision, version->build_num);

	return ret < 0 || (size_t)ret >= size ? -ENAMETOOLONG : 0;
}
