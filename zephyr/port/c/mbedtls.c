/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Turns at mbedTLS, which is built without threads: its heap and what PSA keeps are everybody's, and here
 * three threads make connections, send over them and verify certificates. The linker puts these functions
 * in front of mbedTLS's, for all callers (CMakeLists.txt of the module). None of them waits for the
 * network: Zephyr's sockets do that outside.
 */

#include <mbedtls/build_info.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <zephyr/kernel.h>

#include "port.h"

/* A thread may take it again. */
static K_MUTEX_DEFINE(turn);

void ocpp_port_mbedtls_begin(void)
{
	(void)k_mutex_lock(&turn, K_FOREVER);
}

void ocpp_port_mbedtls_end(void)
{
	(void)k_mutex_unlock(&turn);
}

/* One of mbedTLS's functions in its turn. */
#define IN_TURN(type, function, parameters, ...)                                                   \
	type __real_mbedtls_##function parameters;                                                 \
	type __wrap_mbedtls_##function parameters;                                                 \
                                                                                                   \
	type __wrap_mbedtls_##function parameters                                                  \
	{                                                                                          \
		type outcome;                                                                      \
                                                                                                   \
		ocpp_port_mbedtls_begin();                                                         \
		outcome = __real_mbedtls_##function(__VA_ARGS__);                                  \
		ocpp_port_mbedtls_end();                                                           \
                                                                                                   \
		return outcome;                                                                    \
	}

/* One that only frees. */
#define FREE_IN_TURN(function, parameter)                                                          \
	void __real_mbedtls_##function(parameter *it);                                             \
	void __wrap_mbedtls_##function(parameter *it);                                             \
                                                                                                   \
	void __wrap_mbedtls_##function(parameter *it)                                              \
	{                                                                                          \
		ocpp_port_mbedtls_begin();                                                         \
		__real_mbedtls_##function(it);                                                     \
		ocpp_port_mbedtls_end();                                                           \
	}

#if defined(MBEDTLS_PLATFORM_MEMORY)
IN_TURN(void *, calloc, (size_t count, size_t size), count, size)
FREE_IN_TURN(free, void)
#endif

IN_TURN(int, ssl_write, (mbedtls_ssl_context *ssl, const unsigned char *bytes, size_t length), ssl,
	bytes, length)
IN_TURN(int, ssl_close_notify, (mbedtls_ssl_context *ssl), ssl)

/* Keys, of a connection or of its certificate, may be PSA's, whose places for them are everybody's. */
IN_TURN(int, ssl_session_reset, (mbedtls_ssl_context *ssl), ssl)
FREE_IN_TURN(ssl_free, mbedtls_ssl_context)
FREE_IN_TURN(pk_free, mbedtls_pk_context)
#if defined(MBEDTLS_PK_PARSE_C)
IN_TURN(int, pk_parse_key,
	(mbedtls_pk_context *pk, const unsigned char *key, size_t length,
	 const unsigned char *password, size_t password_length,
	 int (*random)(void *context, unsigned char *bytes, size_t length), void *context),
	pk, key, length, password, password_length, random, context)
#endif
