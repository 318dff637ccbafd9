/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* What happened and when: idTags presented here, and frames by hooks on Zephyr's websocket. */

#ifndef RECORD_H_
#define RECORD_H_

/* An idTag is presented now. */
void record_presented(void);

/* Prints everything, a line for each. */
void record_tell(void);

#endif /* RECORD_H_ */
