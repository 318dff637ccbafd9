/*
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef CUTS_H_
#define CUTS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/devicetree.h>

#define CUTS_PARTITION DT_NODELABEL(storage_partition)
#define CUTS_SIZE      DT_REG_SIZE(CUTS_PARTITION)
#define CUTS_PAGE      DT_PROP(DT_GPARENT(CUTS_PARTITION), erase_block_size)

/** Records have the names 0 to that, and so many bytes at most. */
#define CUTS_RECORDS 24
#define CUTS_LONGEST 172

/** What is written for a record, beside it. */
#define CUTS_ENTRY     8
#define CUTS_CHECK_SUM 4

/** A version of a record, other than the stored one, that has so many bytes; 0 for none. */
uint8_t cuts_version_with(uint16_t id, size_t length);

/** What is left of the sector that is written to. */
size_t cuts_left_in_sector(void);

/**
 * Loses power in an operation wherever that can happen, and where the store opens afterwards, too;
 * version 0 erases.
 */
void cuts_cut(uint16_t id, uint8_t version, bool while_opening);

/** Does an operation without a power loss. */
void cuts_carry_out(uint16_t id, uint8_t version);

/** Copies the partition, to go back to later. */
void cuts_keep(uint8_t *flash_now);
void cuts_go_back(const uint8_t *flash_then);

/** See crowded.c. */
void cut_in_crowded_sector(void);

#endif /* CUTS_H_ */
