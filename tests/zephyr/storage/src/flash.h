/*
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef FLASH_H_
#define FLASH_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The simulator's memory with the partition, and how much of it is erased at once. */
void flash_take(uint8_t *memory, size_t size, size_t page);

/** What is interrupted by power losses. */
struct interrupted {
	/** What the flash has at first. */
	const uint8_t *start;
	/**
	 * Makes the store ready for the operation. NULL where the operation is to do so: then not
	 * every byte of a write is the last.
	 */
	int (*prepare)(void);
	int (*operate)(void);
	/** Is called after each power loss, with what the flash has then. */
	void (*visit)(bool within_write);
};

/** Loses power in an operation at every place where that makes a difference. */
void flash_each_cut(const struct interrupted *interrupted);

/** Says what has been written and erased since the start. */
void flash_print_counts(void);

#endif /* FLASH_H_ */
