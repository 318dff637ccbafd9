/*
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef STORAGE_H_
#define STORAGE_H_

/** Ends the process when a call has failed. */
void must(int ret, const char *call);

/** Loses power in so many operations, wherever that can happen; 0 when all is well. */
int cut_power(int operations);

#endif /* STORAGE_H_ */
