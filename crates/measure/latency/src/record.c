/*
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/websocket.h>
#include <zephyr/sys/printk.h>

#include "record.h"
#include "wire.h"

/* A run has some 6,500. */
#define ENTRIES 8192
/* The type of a frame, its id, the action, and what that is about. */
#define BEGINNING 80

#define PRESENTED 'p'
#define CAME_IN   'i'
#define WENT_OUT  'o'

static struct {
	uint64_t at;
	char what;
	char text[BEGINNING + 1];
} entries[ENTRIES];
static atomic_t used;

static void note(char what, uint64_t at, const uint8_t *text, size_t length)
{
	atomic_val_t place = atomic_inc(&used);

	if (place < ENTRIES) {
		entries[place].at = at;
		entries[place].what = what;
		memcpy(entries[place].text, text, MIN(length, BEGINNING));
	}
}

void record_presented(void)
{
	note(PRESENTED, wire_now(), NULL, 0);
}

void record_tell(void)
{
	atomic_val_t all = atomic_get(&used);

	for (atomic_val_t i = 0; i < MIN(all, ENTRIES); i++) {
		printk("record %c %llu %s\n", entries[i].what,
		       (unsigned long long)entries[i].at, entries[i].text);
	}
	printk("%s\n", all > ENTRIES ? "record too long" : "record ends");
}

int __real_websocket_connect(int sock, struct websocket_request *request, int32_t timeout,
			     void *user_data);
int __real_websocket_send_msg(int sock, const uint8_t *payload, size_t length,
			      enum websocket_opcode opcode, bool mask, bool final,
			      int32_t timeout);
int __real_websocket_recv_msg(int sock, uint8_t *into, size_t room, uint32_t *type,
			      uint64_t *remaining, int32_t timeout);

int __wrap_websocket_connect(int sock, struct websocket_request *request, int32_t timeout,
			     void *user_data)
{
	int ret = __real_websocket_connect(sock, request, timeout, user_data);

	wire_opened();
	return ret;
}

int __wrap_websocket_send_msg(int sock, const uint8_t *payload, size_t length,
			      enum websocket_opcode opcode, bool mask, bool final, int32_t timeout)
{
	int ret = __real_websocket_send_msg(sock, payload, length, opcode, mask, final, timeout);

	if (opcode == WEBSOCKET_OPCODE_DATA_TEXT) {
		note(WENT_OUT, wire_left(), payload, length);
	}
	return ret;
}

/* A frame of less than 64 KiB without a mask (RFC 6455, 5.2). */
static size_t frame_size(size_t payload)
{
	return payload < 126 ? payload + 2 : payload + 4;
}

int __wrap_websocket_recv_msg(int sock, uint8_t *into, size_t room, uint32_t *type,
			      uint64_t *remaining, int32_t timeout)
{
	/* Those of the frame that came with earlier calls. */
	static size_t before;
	static uint8_t beginning[BEGINNING];
	int ret = __real_websocket_recv_msg(sock, into, room, type, remaining, timeout);

	if (ret < 0) {
		return ret;
	}
	if (before < BEGINNING) {
		memcpy(&beginning[before], into, MIN((size_t)ret, BEGINNING - before));
	}
	before += ret;
	/* The charge point asks with a type that is none, which stays while more is to come. */
	if (*type != UINT32_MAX && *remaining == 0) {
		uint64_t at = wire_arrived(frame_size(before));

		if (*type & WEBSOCKET_FLAG_TEXT) {
			note(CAME_IN, at, beginning, before);
		}
		before = 0;
	}
	return ret;
}
