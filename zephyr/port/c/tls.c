/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What a TLS socket verifies, and why a handshake failed: Zephyr says of any that it was aborted,
 * and an operator wants to know whose certificate is to be renewed.
 */

#include <errno.h>
#include <string.h>
#include <time.h>

#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/tls_credentials.h>
#include <zephyr/sys/timeutil.h>
#include <zephyr/sys/util.h>

#include "port.h"

/* Alerts of TLS (RFC 8446, 6.2). */
#define HANDSHAKE_FAILURE     40
#define PROTOCOL_VERSION      70
#define INSUFFICIENT_SECURITY 71

/* What is wrong with certificates, by the high part of the error; not that there is no memory for them. */
#define IS_X509_ERROR(ret)                                                                         \
	((ret) <= MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE && (ret) > MBEDTLS_ERR_X509_ALLOC_FAILED)

int64_t ocpp_port_tls_seconds(const mbedtls_x509_time *at)
{
	struct tm parts = {
		.tm_year = at->year - 1900,
		.tm_mon = at->mon - 1,
		.tm_mday = at->day,
		.tm_hour = at->hour,
		.tm_min = at->min,
		.tm_sec = at->sec,
	};

	return timeutil_timegm64(&parts);
}

static bool has_wildcard(const mbedtls_x509_crt *certificate)
{
	const mbedtls_x509_sequence *name = &certificate->subject_alt_names;

	for (; name != NULL; name = name->next) {
		if (name->buf.len > 0 && name->buf.p[0] == '*') {
			return true;
		}
	}

	return false;
}

/* By the charge point's clock, of which mbedTLS does not know. */
void ocpp_port_tls_verify_time(const mbedtls_x509_crt *certificate, int64_t now, uint32_t *flags)
{
	if (now <= 0) {
		return;
	}
	*flags &= ~(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
	if (ocpp_port_tls_seconds(&certificate->valid_to) < now) {
		*flags |= MBEDTLS_X509_BADCERT_EXPIRED;
	}
	if (ocpp_port_tls_seconds(&certificate->valid_from) > now) {
		*flags |= MBEDTLS_X509_BADCERT_FUTURE;
	}
}

static int verify(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
	struct ocpp_port_tls *tls = context;

	ocpp_port_tls_verify_time(certificate, tls->now, flags);
	tls->valid_from = MAX(tls->valid_from, ocpp_port_tls_seconds(&certificate->valid_from));
	tls->valid_until = MIN(tls->valid_until, ocpp_port_tls_seconds(&certificate->valid_to));
	if (depth == 0 && tls->refuses_wildcards && has_wildcard(certificate)) {
		*flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
	}
	tls->faults |= *flags;

	return 0;
}

static enum ocpp_port_refusal refusal_of_alert(uint8_t alert, bool has_cipher_suite)
{
	switch (alert) {
	case PROTOCOL_VERSION:
		return OCPP_PORT_REFUSAL_VERSION;
	case INSUFFICIENT_SECURITY:
		return OCPP_PORT_REFUSAL_CIPHER_SUITE;
	case HANDSHAKE_FAILURE:
		return has_cipher_suite ? OCPP_PORT_REFUSAL_AUTHENTICATION
					: OCPP_PORT_REFUSAL_CIPHER_SUITE;
	case MBEDTLS_SSL_ALERT_MSG_NO_CERT:
	case MBEDTLS_SSL_ALERT_MSG_BAD_CERT:
	case MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT:
	case MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED:
	case MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED:
	case MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN:
	case MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA:
	case MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED:
		return OCPP_PORT_REFUSAL_AUTHENTICATION;
	default:
		return OCPP_PORT_REFUSAL_NONE;
	}
}

static enum ocpp_port_refusal refusal_of(const mbedtls_ssl_context *ssl, int error)
{
	bool has_cipher_suite = ssl->MBEDTLS_PRIVATE(state) > MBEDTLS_SSL_SERVER_HELLO;

	switch (error) {
	case MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED:
	case MBEDTLS_ERR_SSL_BAD_CERTIFICATE:
		return OCPP_PORT_REFUSAL_CERTIFICATE;
	case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
		return OCPP_PORT_REFUSAL_VERSION;
	case MBEDTLS_ERR_SSL_BAD_INPUT_DATA:
	case MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER:
		/* A suite that was not offered, or is not known. */
		return has_cipher_suite ? OCPP_PORT_REFUSAL_NONE : OCPP_PORT_REFUSAL_CIPHER_SUITE;
	case MBEDTLS_ERR_SSL_CONN_EOF:
	case MBEDTLS_ERR_NET_CONN_RESET:
	case MBEDTLS_ERR_NET_RECV_FAILED:
	case MBEDTLS_ERR_NET_SEND_FAILED:
		/* It ends the connection at the certificate: its alert goes down with it. */
		return ssl->MBEDTLS_PRIVATE(state) > MBEDTLS_SSL_CLIENT_CERTIFICATE
			       ? OCPP_PORT_REFUSAL_AUTHENTICATION
			       : OCPP_PORT_REFUSAL_NONE;
	case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
		return refusal_of_alert(ssl->MBEDTLS_PRIVATE(in_msg)[1], has_cipher_suite);
	default:
		return IS_X509_ERROR(error) ? OCPP_PORT_REFUSAL_CERTIFICATE
					    : OCPP_PORT_REFUSAL_NONE;
	}
}

int __real_mbedtls_ssl_handshake(mbedtls_ssl_context *ssl);
int __wrap_mbedtls_ssl_handshake(mbedtls_ssl_context *ssl);

/* The linker puts this in front of mbedTLS's function, as the next one: CMakeLists.txt of the module. */
int __wrap_mbedtls_ssl_handshake(mbedtls_ssl_context *ssl)
{
	const mbedtls_ssl_config *config = ssl->MBEDTLS_PRIVATE(conf);
	int ret;

	ocpp_port_mbedtls_begin();
	ret = __real_mbedtls_ssl_handshake(ssl);
	if (config->MBEDTLS_PRIVATE(f_vrfy) == verify) {
		struct ocpp_port_tls *tls = config->MBEDTLS_PRIVATE(p_vrfy);

		tls->has_begun = true;
		if (ret == MBEDTLS_ERR_SSL_WANT_READ || ret == MBEDTLS_ERR_SSL_WANT_WRITE) {
			/* So it stays when it is not called again. */
			tls->refusal = OCPP_PORT_REFUSAL_STALLED;
		} else {
			tls->refusal = ret == 0 ? OCPP_PORT_REFUSAL_NONE : refusal_of(ssl, ret);
		}
	}
	ocpp_port_mbedtls_end();

	return ret;
}

int __real_mbedtls_ssl_read(mbedtls_ssl_context *ssl, unsigned char *into, size_t room);
int __wrap_mbedtls_ssl_read(mbedtls_ssl_context *ssl, unsigned char *into, size_t room);

/*
 * A server that ends the TCP connection without a word in TLS: mbedTLS reads nothing then, and Zephyr's
 * poll() takes that for the beginning of a record, of which it waits for the rest without end.
 */
int __wrap_mbedtls_ssl_read(mbedtls_ssl_context *ssl, unsigned char *into, size_t room)
{
	const mbedtls_ssl_config *config = ssl->MBEDTLS_PRIVATE(conf);
	int ret;

	ocpp_port_mbedtls_begin();
	ret = __real_mbedtls_ssl_read(ssl, into, room);
	ocpp_port_mbedtls_end();
	if (ret == 0 && config->MBEDTLS_PRIVATE(f_vrfy) == verify &&
	    mbedtls_ssl_get_bytes_avail(ssl) == 0) {
		return MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY;
	}

	return ret;
}

static int set(int sock, int option, const void *value, size_t length)
{
	return zsock_setsockopt(sock, SOL_TLS, option, value, length) < 0 ? -errno : 0;
}

int ocpp_port_tls_prepare(int sock, struct ocpp_port_tls *tls)
{
	struct tls_cert_verify_cb callback = {.cb = verify, .ctx = tls};
	int required = TLS_PEER_VERIFY_REQUIRED;
	int ret;

	tls->refusal = OCPP_PORT_REFUSAL_NONE;
	tls->has_begun = false;
	tls->faults = 0;
	tls->valid_from = INT64_MIN;
	tls->valid_until = INT64_MAX;
	ret = set(sock, TLS_SEC_TAG_LIST, tls->tags, tls->tag_count * sizeof(tls->tags[0]));
	if (ret == 0) {
		ret = set(sock, TLS_HOSTNAME, tls->name, strlen(tls->name));
	}
	if (ret == 0) {
		ret = set(sock, TLS_PEER_VERIFY, &required, sizeof(required));
	}
	if (ret == 0) {
		ret = set(sock, TLS_CERT_VERIFY_CALLBACK, &callback, sizeof(callback));
	}

	return ret;
}

static bool is_there(int tag, enum tls_credential_type type)
{
	size_t length = 0;
	uint8_t none;

	/* It is longer than nothing. */
	return tls_credential_get(tag, type, &none, &length) == -EFBIG;
}

bool ocpp_port_tls_has(const int *tags, size_t tag_count, int what)
{
	for (size_t i = 0; i < tag_count; i++) {
		if (what == OCPP_PORT_CREDENTIAL_ROOTS
			    ? is_there(tags[i], TLS_CREDENTIAL_CA_CERTIFICATE)
			    : is_there(tags[i], TLS_CREDENTIAL_PUBLIC_CERTIFICATE) &&
				      is_there(tags[i], TLS_CREDENTIAL_PRIVATE_KEY)) {
			return true;
		}
	}

	return false;
}
