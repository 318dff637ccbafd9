/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* From a host name or an address to a TCP connection, with TLS where it is asked for. */

#include <errno.h>

#include <zephyr/kernel.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/socket.h>

#include "port.h"

/* Tells a dead server soon: neither connecting nor sending takes longer. */
static void limit_sending(int sock)
{
	struct timeval limit = {
		.tv_sec = CONFIG_OCPP_CONNECT_TIMEOUT_MS / MSEC_PER_SEC,
		.tv_usec = (CONFIG_OCPP_CONNECT_TIMEOUT_MS % MSEC_PER_SEC) * USEC_PER_MSEC,
	};
	int no_delay = 1;

	/* A stack without these options has limits of its own. */
	(void)zsock_setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	(void)zsock_setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof(no_delay));
}

static int connect_to(const struct sockaddr *address, socklen_t length, struct ocpp_port_tls *tls)
{
	int sock;
	int ret;

	sock = zsock_socket(address->sa_family, SOCK_STREAM, tls ? IPPROTO_TLS_1_2 : IPPROTO_TCP);
	if (sock < 0) {
		return -errno;
	}

	limit_sending(sock);
	ret = 0;
	if (IS_ENABLED(CONFIG_NET_SOCKETS_SOCKOPT_TLS) && tls != NULL) {
		ret = ocpp_port_tls_prepare(sock, tls);
	}
	if (ret == 0 && zsock_connect(sock, address, length) < 0) {
		ret = -errno;
	}
	if (ret < 0) {
		(void)zsock_close(sock);
		return ret;
	}

	return sock;
}

/* An address in digits needs no resolver. */
static int connect_to_address(const char *host, uint16_t port, uint16_t family,
			      struct ocpp_port_tls *tls)
{
	if (IS_ENABLED(CONFIG_NET_IPV4) && family != AF_INET6) {
		struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

		if (zsock_inet_pton(AF_INET, host, &address.sin_addr) == 1) {
			return connect_to((struct sockaddr *)&address, sizeof(address), tls);
		}
	}

	if (IS_ENABLED(CONFIG_NET_IPV6) && family != AF_INET) {
		struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

		if (zsock_inet_pton(AF_INET6, host, &address.sin6_addr) == 1) {
			return connect_to((struct sockaddr *)&address, sizeof(address), tls);
		}
	}

	return -EDESTADDRREQ;
}

#if defined(CONFIG_DNS_RESOLVER) || defined(CONFIG_NET_SOCKETS_OFFLOAD)
static void set_port(struct sockaddr *address, uint16_t port)
{
	if (address->sa_family == AF_INET6) {
		net_sin6(address)->sin6_port = htons(port);
	} else {
		net_sin(address)->sin_port = htons(port);
	}
}

static int connect_to_name(const char *host, uint16_t port, uint16_t family,
			   struct ocpp_port_tls *tls, uint8_t *step)
{
	struct zsock_addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
	struct zsock_addrinfo *found = NULL;
	int ret = -EHOSTUNREACH;

	if (zsock_getaddrinfo(host, NULL, &hints, &found) != 0 || found == NULL) {
		*step = OCPP_PORT_STEP_NAME;
		return -EHOSTUNREACH;
	}

	for (struct zsock_addrinfo *one = found; one != NULL; one = one->ai_next) {
		set_port(one->ai_addr, port);
		ret = connect_to(one->ai_addr, one->ai_addrlen, tls);
		if (ret >= 0) {
			break;
		}
	}

	zsock_freeaddrinfo(found);
	return ret;
}
#endif

int ocpp_port_tcp_connect(const char *host, uint16_t port, uint16_t family,
			  struct ocpp_port_tls *tls, uint8_t *step)
{
	int ret;

	*step = OCPP_PORT_STEP_TCP;
	ret = connect_to_address(host, port, family, tls);

#if defined(CONFIG_DNS_RESOLVER) || defined(CONFIG_NET_SOCKETS_OFFLOAD)
	if (ret == -EDESTADDRREQ) {
		ret = connect_to_name(host, port, family, tls, step);
	}
#endif
	if (tls != NULL && tls->has_begun) {
		if (tls->refusal == OCPP_PORT_REFUSAL_STALLED && ret != -ETIMEDOUT) {
			tls->refusal = OCPP_PORT_REFUSAL_NONE;
		}
		*step = OCPP_PORT_STEP_TLS;
	}
	/* Not an address, and there is no resolver to ask. */
	if (ret == -EDESTADDRREQ) {
		*step = OCPP_PORT_STEP_NAME;
	}

	return ret;
}
