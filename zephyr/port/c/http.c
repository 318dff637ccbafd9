/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * One request of HTTP at a time through Zephyr's client: a file is fetched or delivered. Only the
 * thread that transfers files is here, but for ocpp_port_http_cancel().
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <zephyr/kernel.h>
#include <zephyr/net/http/client.h>
#include <zephyr/net/http/parser.h>
#include <zephyr/net/socket.h>
#include <zephyr/sys/atomic.h>
#include <zephyr/sys/base64.h>

#include "port.h"

#define HTTP_PORT  80
#define HTTPS_PORT 443
/* How often it is looked whether the file is still wanted. */
#define LOOK_MS   250
/* Of `user:password`. */
#define LONGEST_USER 128

static atomic_t is_cancelled;
static int connected = -1;

static uint8_t buffer[CONFIG_OCPP_TRANSFER_BUFFER_SIZE];
static struct http_request request;
static char authorization[sizeof("Authorization: Basic \r\n") + 4 * ((LONGEST_USER + 2) / 3)];

/*
 * The request that is under way. A header may arrive in pieces, so its name is put together here;
 * what is too long for that is not the header asked for.
 */
static struct {
	ocpp_port_take_t take;
	ocpp_port_give_t give;
	void *context;
	struct ocpp_port_answer *answer;
	size_t left;
	int error;
	char name[sizeof("Location") + 1];
	bool in_value;
	bool is_too_long;
	bool is_complete;
} exchange;

void ocpp_port_http_cancel(bool cancel)
{
	(void)atomic_set(&is_cancelled, cancel);
}

static int header_field(struct http_parser *parser, const char *at, size_t length)
{
	size_t used;

	ARG_UNUSED(parser);

	if (exchange.in_value) {
		exchange.in_value = false;
		exchange.name[0] = '\0';
	}
	used = strlen(exchange.name);
	length = MIN(length, sizeof(exchange.name) - 1 - used);
	memcpy(&exchange.name[used], at, length);
	exchange.name[used + length] = '\0';

	return 0;
}

static int header_value(struct http_parser *parser, const char *at, size_t length)
{
	struct ocpp_port_answer *answer = exchange.answer;
	size_t used;

	ARG_UNUSED(parser);

	exchange.in_value = true;
	if (strcasecmp(exchange.name, "Location") != 0 || exchange.is_too_long) {
		return 0;
	}
	used = strlen(answer->location);
	if (used + length >= answer->location_size) {
		/* A part of it leads elsewhere. */
		exchange.is_too_long = true;
		answer->location[0] = '\0';
		return 0;
	}
	memcpy(&answer->location[used], at, length);
	answer->location[used + length] = '\0';

	return 0;
}

/* Not the client's own idea of a body, which has the lengths of chunks in it. */
static int body(struct http_parser *parser, const char *at, size_t length)
{
	if (parser->status_code / 100 == 2 && exchange.take != NULL && exchange.error == 0) {
		exchange.error = exchange.take(exchange.context, (const uint8_t *)at, length);
	}

	return 0;
}

static int message_complete(struct http_parser *parser)
{
	/* It is about to continue: the answer is still to come. */
	exchange.is_complete = parser->status_code / 100 != 1;
	exchange.answer->status = parser->status_code;

	return 0;
}

static const struct http_parser_settings answer_parser = {
	.on_header_field = header_field,
	.on_header_value = header_value,
	.on_body = body,
	.on_message_complete = message_complete,
};

static int wait_until(int sock, int event)
{
	k_timepoint_t end = sys_timepoint_calc(K_MSEC(CONFIG_OCPP_TRANSFER_TIMEOUT_MS));
	struct zsock_pollfd fd = {.fd = sock, .events = event};
	int ret;

	while (!atomic_get(&is_cancelled)) {
		ret = zsock_poll(&fd, 1, LOOK_MS);
		if (ret != 0) {
			return ret < 0 ? -errno : 0;
		}
		if (sys_timepoint_expired(end)) {
			return -ETIMEDOUT;
		}
	}

	return -ECANCELED;
}

/*
 * Zephyr's client has one limit of time for all of an answer, which for a file would have to be
 * hours. It gets the beginning; the rest is read here, with a limit for each piece of it.
 */
static int read_rest(int sock)
{
	struct http_parser *parser = &request.internal.parser;
	ssize_t got;
	int ret;

	while (exchange.error == 0 && !exchange.is_complete) {
		ret = wait_until(sock, ZSOCK_POLLIN);
		if (ret < 0) {
			return ret;
		}
		got = zsock_recv(sock, buffer, sizeof(buffer), 0);
		if (got < 0) {
			if (errno == EAGAIN) {
				continue;
			}
			return -errno;
		}
		/* The end of the connection is that of a body whose length was not told. */
		(void)http_parser_execute(parser, &request.internal.parser_settings,
					  (const char *)buffer, got);
		if (exchange.is_complete) {
			break;
		}
		if (got == 0) {
			return -ECONNRESET;
		}
		if (parser->http_errno != HPE_OK) {
			return -EBADMSG;
		}
	}

	return exchange.error;
}

static int answered(struct http_response *response, enum http_final_call final_data,
		    void *user_data)
{
	ARG_UNUSED(response);
	ARG_UNUSED(user_data);

	if (final_data != HTTP_DATA_FINAL || !exchange.is_complete) {
		exchange.error = read_rest(request.internal.sock);
	}

	/* The client is not to read any more. */
	return -ECONNABORTED;
}

static int send_all(int sock, const uint8_t *bytes, size_t length)
{
	ssize_t sent;
	int ret;

	while (length > 0) {
		ret = wait_until(sock, ZSOCK_POLLOUT);
		if (ret < 0) {
			return ret;
		}
		sent = zsock_send(sock, bytes, length, 0);
		if (sent < 0 && errno != EAGAIN) {
			return -errno;
		}
		bytes += MAX(sent, 0);
		length -= MAX(sent, 0);
	}

	return 0;
}

static int send_body(int sock, struct http_request *req, void *user_data)
{
	size_t length;
	int ret;

	ARG_UNUSED(req);
	ARG_UNUSED(user_data);

	while (exchange.left > 0) {
		length = exchange.give(exchange.context, buffer, MIN(exchange.left, sizeof(buffer)));
		if (length == 0) {
			/* Less than was promised. */
			exchange.error = -ENODATA;
			return exchange.error;
		}
		ret = send_all(sock, buffer, length);
		if (ret < 0) {
			return ret;
		}
		exchange.left -= length;
	}

	return 0;
}

/* RFC 7617 */
static int write_authorization(const char *user)
{
	size_t used = sizeof("Authorization: Basic ") - 1;
	size_t length;

	strcpy(authorization, "Authorization: Basic ");
	if (base64_encode((uint8_t *)&authorization[used], sizeof(authorization) - used - 2,
			  &length, (const uint8_t *)user, strlen(user)) < 0) {
		return -ENAMETOOLONG;
	}

	strcpy(&authorization[used + length], "\r\n");
	return 0;
}

static int ask(const struct ocpp_port_request *to, size_t length)
{
	const char *headers[] = {"Connection: close\r\nAccept: */*\r\nUser-Agent: ocpp\r\n", NULL,
				 NULL, NULL};
	char host[CONFIG_OCPP_HOST_LENGTH + sizeof("[]:65535")];
	bool is_ipv6 = strchr(to->host, ':') != NULL;
	size_t count = 1;
	/* A slow link may have 1 kB a second. */
	int32_t timeout = CONFIG_OCPP_TRANSFER_TIMEOUT_MS + (int32_t)length;
	int sock = connected;
	int ret;

	connected = -1;
	snprintf(host, sizeof(host), is_ipv6 ? "[%s]" : "%s", to->host);
	if (to->port != (to->tls == NULL ? HTTP_PORT : HTTPS_PORT)) {
		snprintf(&host[strlen(host)], sizeof(host) - strlen(host), ":%u", to->port);
	}
	if (to->user[0] != '\0') {
		ret = write_authorization(to->user);
		if (ret < 0) {
			(void)zsock_close(sock);
			return ret;
		}
		headers[count++] = authorization;
	}
	if (exchange.give != NULL && length == 0) {
		headers[count++] = "Content-Length: 0\r\n";
	}

	memset(&request, 0, sizeof(request));
	request.method = exchange.give == NULL ? HTTP_GET : HTTP_PUT;
	request.url = to->target;
	request.host = host;
	request.protocol = "HTTP/1.1";
	request.header_fields = headers;
	request.response = answered;
	request.http_cb = &answer_parser;
	request.recv_buf = buffer;
	request.recv_buf_len = sizeof(buffer);
	if (exchange.give != NULL) {
		request.content_type_value = "text/plain; charset=utf-8";
	}
	if (exchange.give != NULL && length > 0) {
		request.payload_cb = send_body;
		request.payload_len = length;
	}

	ret = http_client_req(sock, &request, timeout, NULL);
	(void)zsock_close(sock);
	memset(authorization, 0, sizeof(authorization));
	if (exchange.error < 0) {
		return exchange.error;
	}
	if (exchange.is_complete) {
		return 0;
	}

	return ret < 0 ? ret : -ECONNRESET;
}

int ocpp_port_http_connect(const struct ocpp_port_request *to)
{
	uint8_t step;

	connected = ocpp_port_tcp_connect(to->host, to->port, AF_UNSPEC, to->tls, &step);

	return MIN(connected, 0);
}

int ocpp_port_http_get(const struct ocpp_port_request *to, struct ocpp_port_answer *answer,
		       ocpp_port_take_t take, void *context)
{
	memset(&exchange, 0, sizeof(exchange));
	exchange.take = take;
	exchange.context = context;
	exchange.answer = answer;

	return ask(to, 0);
}

int ocpp_port_http_put(const struct ocpp_port_request *to, struct ocpp_port_answer *answer,
		       ocpp_port_give_t give, size_t length, void *context)
{
	memset(&exchange, 0, sizeof(exchange));
	exchange.give = give;
	exchange.context = context;
	exchange.answer = answer;
	exchange.left = length;

	return ask(to, length);
}
