/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * When bytes come from the network and go there. What the network is differs: wire_ethernet.c
 * where Zephyr's own TCP/IP drives an Ethernet controller, wire_host.c where the sockets are the
 * host's.
 */

#ifndef WIRE_H_
#define WIRE_H_

#include <stddef.h>
#include <stdint.h>

/* Now, in the unit of all times here: cycles of the emulated machine, or the host's nanoseconds. */
uint64_t wire_now(void);

/* The websocket has been opened: from here on all that arrives is its frames. */
void wire_opened(void);

/* When the last of the next `length` bytes of the connection arrived. */
uint64_t wire_arrived(size_t length);

/* When the last bytes that were sent left. */
uint64_t wire_left(void);

#endif /* WIRE_H_ */
