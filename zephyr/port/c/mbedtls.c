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

#if defined(MBEDTLS_PLATFORM_MEMORY)
void *__real_mbedtls_calloc(size_t count, size_t size);
void *__wrap_mbedtls_calloc(size_t count, size_t size);

void *__wrap_mbedtls_calloc(size_t count, size_t size)
{
	void *block;

	ocpp_port_mbedtls_begin();
	block = __real_mbedtls_calloc(count, size);
	ocpp_port_mbedtls_end();

	return block;
}

void __real_mbedtls_free(void *block);
void __wrap_mbedtls_free(void *block);

void __wrap_mbedtls_free(void *block)
{
	ocpp_port_mbedtls_begin();
	__real_mbedtls_free(block);
	ocpp_port_mbedtls_end();
}
#endif

int __real_mbedtls_ssl_write(mbedtls_ssl_context *ssl, const unsigned char *bytes, size_t length);
int __wrap_mbedtls_ssl_write(mbedtls_ssl_context *ssl, const unsigned char *bytes, size_t length);

int __wrap_mbedtls_ssl_write(mbedtls_ssl_context *ssl, const unsigned char *bytes, size_t length)
{
	int ret;

	ocpp_port_mbedtls_begin();
	ret = __real_mbedtls_ssl_write(ssl, bytes, length);
	ocpp_port_mbedtls_end();

	return ret;
}

int __real_mbedtls_ssl_close_notify(mbedtls_ssl_context *ssl);
int __wrap_mbedtls_ssl_close_notify(mbedtls_ssl_context *ssl);

int __wrap_mbedtls_ssl_close_notify(mbedtls_ssl_context *ssl)
{
	int ret;

	ocpp_port_mbedtls_begin();
	ret = __real_mbedtls_ssl_close_notify(ssl);
	ocpp_port_mbedtls_end();

	return ret;
}

void __real_mbedtls_ssl_free(mbedtls_ssl_context *ssl);
void __wrap_mbedtls_ssl_free(mbedtls_ssl_context *ssl);

/* Keys of a connection are PSA's. */
void __wrap_mbedtls_ssl_free(mbedtls_ssl_context *ssl)
{
	ocpp_port_mbedtls_begin();
	__real_mbedtls_ssl_free(ssl);
	ocpp_port_mbedtls_end();
}
