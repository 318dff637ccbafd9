/*
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef STORAGE_H_
#define STORAGE_H_

#include <stddef.h>
#include <stdint.h>

/** Ends the process when a call has failed. */
void must(int ret, const char *call);

/** Writes a record of so many bytes. */
void put_record(uint16_t id, size_t length);

/** Says whether a record is what put_record() has written. */
void look_at_record(uint16_t id, size_t length);

/** Writes records that are none of the charge point's, from that length on, until none fits. */
void fill_partition(size_t length);

/** Erases them. */
void drop_foreign_records(void);

/** Loses power in so many operations, wherever that can happen; 0 when all is well. */
int cut_power(int operations);

#endif /* STORAGE_H_ */
