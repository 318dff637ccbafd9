/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What zephyr/port/src calls: the part of Zephyr that only C reaches. The other side of each
 * declaration is in kernel.rs, log.rs, shell.rs, socket.rs, storage.rs or
 * diagnostics/place.rs.
 */

#ifndef OCPP_PORT_H_
#define OCPP_PORT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/sys/util_macro.h>

#define OCPP_PORT_ENGINE_THREAD   0
#define OCPP_PORT_CONNECT_THREAD  1
#define OCPP_PORT_CALLBACK_THREAD 2
#define OCPP_PORT_FILES_THREAD    (OCPP_PORT_CALLBACK_THREAD + CONFIG_OCPP_CALLBACK_THREADS)
#define OCPP_PORT_THREADS         (OCPP_PORT_FILES_THREAD + IS_ENABLED(CONFIG_OCPP_PROFILE_FIRMWARE_MGNT))

/*
 * Started, open a connection, a callback is due; then one for each API call under way, and that a
 * file is to be transferred.
 */
#define OCPP_PORT_SEMAPHORES                                                                       \
	(3 + CONFIG_OCPP_INTERNAL_MSGQ_CNT + IS_ENABLED(CONFIG_OCPP_PROFILE_FIRMWARE_MGNT))

/* What ocpp_port_wait() tells. */
#define OCPP_PORT_READABLE 1
#define OCPP_PORT_BROKEN   2
#define OCPP_PORT_WRITABLE 4

/* Characters of the longest name of a subprotocol: ocpp2.0.1. */
#define OCPP_PORT_SUBPROTOCOL 9

typedef void (*ocpp_port_entry_t)(uint32_t number);

struct ocpp_port_server {
	const char *host;
	const char *path;
	/* The user of HTTP Basic authentication. */
	const char *identity;
	/* What is offered, without a zero at its end: at most OCPP_PORT_SUBPROTOCOL characters. */
	const char *subprotocol;
	uint16_t subprotocol_length;
	uint16_t port;
	uint16_t family;
};

/* thread.c */
void ocpp_port_thread_start(uint32_t number, ocpp_port_entry_t entry);
void ocpp_port_thread_join(uint32_t number);
bool ocpp_port_is_own_thread(void);
bool ocpp_port_is_thread(uint32_t number);
bool ocpp_port_is_interrupt(void);
void ocpp_port_lock(void);
void ocpp_port_unlock(void);
void ocpp_port_sem_reset(uint32_t number);
void ocpp_port_sem_give(uint32_t number);
bool ocpp_port_sem_take(uint32_t number, uint32_t timeout_ms);
uint64_t ocpp_port_uptime(void);
/* True where the hardware says that a watchdog has reset it, and nothing else since. */
bool ocpp_port_watchdog_reset(void);
uint32_t ocpp_port_random(void);
bool ocpp_port_reboot(void);
void ocpp_port_panic(void);

/* log.c */
void ocpp_port_log(uint32_t level, const char *line);

/* wake.c */
int ocpp_port_wake_open(void);
void ocpp_port_wake(void);
/* For the socket's data, or until something can be written to it. */
uint32_t ocpp_port_wait(int sock, bool is_writing, int32_t timeout_ms);

/* websocket.c */
/* How far it came when it failed; in the order of `Step` in socket.rs. */
enum ocpp_port_step {
	OCPP_PORT_STEP_NAME,
	OCPP_PORT_STEP_TCP,
	OCPP_PORT_STEP_REQUEST,
	OCPP_PORT_STEP_ANSWER,
	OCPP_PORT_STEP_REFUSED,
	OCPP_PORT_STEP_ACCEPT,
	OCPP_PORT_STEP_SUBPROTOCOL,
};

int ocpp_port_ws_open(const struct ocpp_port_server *server, uint16_t *http_status, uint8_t *step);
int ocpp_port_ws_socket(void);
/* How many bytes were taken, 0 for none now; never waits. */
int ocpp_port_ws_write(const uint8_t *bytes, size_t length);
int ocpp_port_ws_receive(uint8_t *into, size_t room, uint32_t *type, uint64_t *remaining,
			 bool is_readable);
void ocpp_port_ws_close(bool lost);

/* storage.c: a length or 0, or one of these. */
#define OCPP_PORT_STORAGE_NONE     (-1)
#define OCPP_PORT_STORAGE_TOO_LONG (-2)
#define OCPP_PORT_STORAGE_DAMAGED  (-3)
/* It was never written: a power loss came before that. */
#define OCPP_PORT_STORAGE_TORN     (-4)
#define OCPP_PORT_STORAGE_FAILED   (-5)
#define OCPP_PORT_STORAGE_FULL     (-6)

int ocpp_port_storage_open(void);
/*
 * The record that was written `age` times before the last one; 0 for the last. `room` is for the
 * record and the four bytes behind it.
 */
int ocpp_port_storage_read(uint16_t id, uint16_t age, uint8_t *into, size_t room);
/* There are four bytes more behind the record, which are changed. */
int ocpp_port_storage_write(uint16_t id, uint8_t *record, size_t length);
int ocpp_port_storage_erase(uint16_t id);

/* diagnostics.c */
/* In the order of `Geometry` in diagnostics/ring.rs. */
struct ocpp_port_geometry {
	/* Bytes that are erased at once, and how many times that there is. */
	uint32_t sector;
	uint32_t sectors;
	/* Bytes that are written at once. */
	uint32_t align;
	uint8_t erased;
};

void ocpp_port_diagnostics_lock(void);
void ocpp_port_diagnostics_unlock(void);
/* False where there is nothing to read or to write. */
bool ocpp_port_diagnostics_open(struct ocpp_port_geometry *geometry);
bool ocpp_port_diagnostics_read(uint32_t at, uint8_t *into, size_t length);
bool ocpp_port_diagnostics_write(uint32_t at, const uint8_t *bytes, size_t length);
bool ocpp_port_diagnostics_erase(uint32_t at, uint32_t length);
/* Bits of hwinfo, 0 when it has none. */
uint32_t ocpp_port_reset_causes(void);

/* shell.c */
struct shell;

void ocpp_port_shell_print(const struct shell *sh, bool is_error, const char *text);
/* The level that the module has now; the wanted one, when the image has it and it is one. */
uint32_t ocpp_port_log_level(uint32_t wanted);

/* sntp.c */
int64_t ocpp_port_sntp(void);

/* tcp.c */
int ocpp_port_tcp_connect(const char *host, uint16_t port, uint16_t family, uint8_t *step);

/* http.c */
struct ocpp_port_request {
	const char *host;
	const char *target;
	/* The user and the password of HTTP Basic authentication, a colon between them; or empty. */
	const char *user;
	uint16_t port;
};

struct ocpp_port_answer {
	/* Where it leads to, when it is a redirection; empty otherwise, and when there is no room. */
	char *location;
	size_t location_size;
	/* 0 as long as there is none. */
	uint16_t status;
};

/* Takes a piece of the body of an answer of success; an error ends the request. */
typedef int (*ocpp_port_take_t)(void *context, const uint8_t *bytes, size_t length);
/* Gives the next bytes of the body of a request: how many, 0 at its end. */
typedef size_t (*ocpp_port_give_t)(void *context, uint8_t *into, size_t room);

/* 0 when the whole answer is there. */
int ocpp_port_http_get(const struct ocpp_port_request *request, struct ocpp_port_answer *answer,
		       ocpp_port_take_t take, void *context);
int ocpp_port_http_put(const struct ocpp_port_request *request, struct ocpp_port_answer *answer,
		       ocpp_port_give_t give, size_t length, void *context);
/* The request that is under way, or the next one, ends soon; or no longer. */
void ocpp_port_http_cancel(bool is_cancelled);

/* image.c, or image_none.c in an image without slots */
#define OCPP_PORT_IMAGE_NEW     0
/* The image that runs is the same. */
#define OCPP_PORT_IMAGE_RUNNING 1

/* Makes the slot ready for an image of up to `room` bytes. */
int ocpp_port_image_begin(uint32_t *room);
int ocpp_port_image_write(const uint8_t *bytes, size_t length);
/* All of it was written, or it is given up. */
int ocpp_port_image_end(bool is_whole);
/* What is in the slot: OCPP_PORT_IMAGE_..., or an error if it is no image. */
int ocpp_port_image_check(void);
/* The boot loader takes it with the next boot. */
int ocpp_port_image_install(void);
/* True when this is the first boot of the image that runs, which from now on is there to stay. */
bool ocpp_port_image_confirm(void);
/* A part of the hash of the image that runs; 0 if it has none. */
uint32_t ocpp_port_image_mark(void);
/* Writes the version of the image that runs. */
int ocpp_port_image_version(char *into, size_t size);

#endif /* OCPP_PORT_H_ */
