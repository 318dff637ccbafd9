/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What zephyr/port/src calls: the part of Zephyr that only C reaches. The other side of each
 * declaration is in kernel.rs, log.rs, shell.rs, socket.rs, storage.rs, tls.rs,
 * diagnostics/place.rs or below files/.
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

/* Security tags of one connection: those of the application, and one of the charge point's own. */
#define OCPP_PORT_TAGS 5

/* Why there is no connection with TLS; in the order of `Refusal` in tls.rs. */
enum ocpp_port_refusal {
	OCPP_PORT_REFUSAL_NONE,
	/* The certificate of the server is not good. */
	OCPP_PORT_REFUSAL_CERTIFICATE,
	/* The server has only versions of TLS that are too old. */
	OCPP_PORT_REFUSAL_VERSION,
	OCPP_PORT_REFUSAL_CIPHER_SUITE,
	/* The server does not take the certificate of the charge point, or wants one. */
	OCPP_PORT_REFUSAL_AUTHENTICATION,
	/* The server does not go on with the handshake. */
	OCPP_PORT_REFUSAL_STALLED,
};

/* What a connection is secured with. It stays there as long as the connection does. */
struct ocpp_port_tls {
	int tags[OCPP_PORT_TAGS];
	uint16_t tag_count;
	bool refuses_wildcards;
	/* Out: an enum ocpp_port_refusal. */
	uint8_t refusal;
	/* Out: TCP is there. */
	bool has_begun;
	/* Out: what is wrong with certificates, MBEDTLS_X509_BADCERT_... */
	uint32_t faults;
	/* Seconds since 1970; 0 where the time is not known. */
	int64_t now;
	/* Out: in which time all certificates of the server are valid, as seconds since 1970. */
	int64_t valid_from;
	int64_t valid_until;
	/* What the certificate has to be for. */
	const char *name;
};

struct ocpp_port_server {
	const char *host;
	const char *path;
	/* What is offered, without a zero at its end: at most OCPP_PORT_SUBPROTOCOL characters. */
	const char *subprotocol;
	/* User and password of HTTP Basic authentication; the user is null without. */
	const char *user;
	const uint8_t *password;
	/* Null without TLS. */
	struct ocpp_port_tls *tls;
	uint16_t subprotocol_length;
	uint16_t password_length;
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
	OCPP_PORT_STEP_TLS,
	OCPP_PORT_STEP_REQUEST,
	OCPP_PORT_STEP_ANSWER,
	OCPP_PORT_STEP_REFUSED,
	OCPP_PORT_STEP_ACCEPT,
	OCPP_PORT_STEP_SUBPROTOCOL,
	OCPP_PORT_STEP_UPGRADE,
	OCPP_PORT_STEP_EXTENSION,
};

/* CONFIG_OCPP_AUTHORIZATION_KEY */
const char *ocpp_port_authorization_key(void);
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
/* With TLS where there is something of it. */
int ocpp_port_tcp_connect(const char *host, uint16_t port, uint16_t family,
			  struct ocpp_port_tls *tls, uint8_t *step);

/* tls.c */
/* Has a socket secure the connection that is made with it. */
int ocpp_port_tls_prepare(int sock, struct ocpp_port_tls *tls);

/* In the order of `Credential` in tls.rs. */
enum ocpp_port_credential {
	/* Certificates by which that of a server is verified. */
	OCPP_PORT_CREDENTIAL_ROOTS,
	/* A certificate of the charge point, and its key. */
	OCPP_PORT_CREDENTIAL_OWN,
};

/* True when there is such a credential behind one of the tags. */
bool ocpp_port_tls_has(const int *tags, size_t tag_count, int what);
struct mbedtls_x509_crt;
/* As seconds since 1970. */
struct mbedtls_x509_time;
int64_t ocpp_port_tls_seconds(const struct mbedtls_x509_time *at);
/* Sets and clears the flags about a certificate's time, where the time is known. */
void ocpp_port_tls_verify_time(const struct mbedtls_x509_crt *certificate, int64_t now,
			       uint32_t *flags);

/* mbedtls.c */
/* From one to the other no other thread is in mbedTLS. */
void ocpp_port_mbedtls_begin(void);
void ocpp_port_mbedtls_end(void);

/* certificates.c */
/* Bytes of a private key on P-256, of its DER, and how many can be kept. */
#define OCPP_PORT_KEY     32
#define OCPP_PORT_KEY_DER 51
#define OCPP_PORT_KEYS    3

/* In the order of `Kind` in certificates.rs. */
enum ocpp_port_check_kind {
	/* A root certificate: an authority that has signed itself. */
	OCPP_PORT_CHECK_ROOT,
	/* The chain of the charge point: of one of its keys, and of a root. */
	OCPP_PORT_CHECK_OWN,
	/* A chain by which a firmware is signed: of a root. */
	OCPP_PORT_CHECK_SIGNING,
	/* A root certificate that one of the roots has signed; where there is none, as the first. */
	OCPP_PORT_CHECK_NEXT_ROOT,
};

/* Texts are PEM and end with a zero; an empty one is none. */
struct ocpp_port_check {
	const char *chain;
	const char *roots;
	/* Security tags of the application, whose roots count as well, but for the chain of a firmware. */
	const int *tags;
	size_t tag_count;
	/* For one of these roots at a time. */
	uint8_t *spare;
	size_t spare_size;
	/* Seconds since 1970; 0 where the time is not known. */
	int64_t now;
	uint8_t keys[OCPP_PORT_KEYS][OCPP_PORT_KEY];
	uint8_t kind;
	/* Out: what names the certificate, in hexadecimal digits. */
	char issuer_name[65];
	char issuer_key[65];
	char serial_number[41];
};

/* 0, or of the charge point's own the number of its key, where the certificate is good. */
int ocpp_port_certificate_check(struct ocpp_port_check *check);
/* 0 where the image in the slot was signed: Base64. */
int ocpp_port_firmware_verify(const char *certificate, const char *signature, uint8_t *spare,
			      size_t spare_size);
/* Which of the keys the first certificate of a chain is of, OCPP_PORT_KEYS for none, or an error. */
int ocpp_port_certificate_key(const char *chain, const uint8_t (*keys)[OCPP_PORT_KEY]);
/* When the first certificate of a chain ends, as seconds since 1970, or an error. */
int64_t ocpp_port_certificate_end(const char *chain);
/* Makes a key, unless there is one that is not all zeros, and a request for a certificate of it in PEM. */
int ocpp_port_certificate_request(const char *common_name, const char *organization, uint8_t *key,
				  uint8_t *pem, size_t room);

/* What the central system has installed and issued; it stays there until it is removed. */
struct ocpp_port_own {
	const char *roots;
	const char *chain;
	uint8_t keys[OCPP_PORT_KEYS][OCPP_PORT_KEY];
	uint8_t der[OCPP_PORT_KEY_DER];
};

/* The number of the key that the chain is of, and 0 without one. */
int ocpp_port_credentials_add(struct ocpp_port_own *own);
void ocpp_port_credentials_remove(void);

/* http.c */
struct ocpp_port_request {
	const char *host;
	const char *target;
	/* The user and the password of HTTP Basic authentication, a colon between them; or empty. */
	const char *user;
	/* Null without TLS. */
	struct ocpp_port_tls *tls;
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

/* Connects, for the one request that follows. */
int ocpp_port_http_connect(const struct ocpp_port_request *request);
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
/* Reads what was written to the slot from there on: how many bytes, 0 at its end. */
int ocpp_port_image_read(uint32_t at, uint8_t *into, size_t room);
/* A part of the hash of the image that runs; 0 if it has none. */
uint32_t ocpp_port_image_mark(void);
/* Writes the version of the image that runs. */
int ocpp_port_image_version(char *into, size_t size);

#endif /* OCPP_PORT_H_ */
