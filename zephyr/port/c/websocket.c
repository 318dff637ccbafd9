/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * One websocket at a time through Zephyr's client. The opener's thread opens it, the engine's
 * thread uses and closes it; the lock around what they tell each other orders the two.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <zephyr/kernel.h>
#include <zephyr/net/http/parser.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>
#include <zephyr/sys/base64.h>
#include <zephyr/sys/fdtable.h>

#include "port.h"

#define SUBPROTOCOL "ocpp1.6"
#define SWITCHING_PROTOCOLS 101
/* How long the other side may take to answer a close frame. */
#define CLOSE_TIMEOUT_MS 1000
/* How long the rest of a frame is waited for whose beginning is there. */
#define READ_TIMEOUT_MS 5

static int tcp_sock = -1;
static int ws_sock = -1;

/* The client keeps received bytes here for as long as it is open. */
static uint8_t client_buffer[CONFIG_OCPP_WEBSOCKET_BUFFER_SIZE];
/* Basic base64(identity:key), for an identity of 48 and a key of 40 characters. */
static char authorization[sizeof("Authorization: Basic \r\n") + 4 * ((48 + 1 + 40 + 2) / 3)];

/*
 * What the answer to the handshake said. A header may arrive in pieces, so its name and value
 * are put together here; what is too long for that is none of the headers asked for.
 */
static struct {
	char name[24];
	char value[24];
	bool in_value;
	bool has_accept;
	bool has_subprotocol;
	uint16_t status;
} answer;

static void append(char *text, size_t size, const char *piece, size_t length)
{
	size_t used = strlen(text);

	length = MIN(length, size - 1 - used);
	memcpy(&text[used], piece, length);
	text[used + length] = '\0';
}

static void take_header(void)
{
	if (strcasecmp(answer.name, "Sec-WebSocket-Accept") == 0) {
		answer.has_accept = true;
	} else if (strcasecmp(answer.name, "Sec-WebSocket-Protocol") == 0) {
		answer.has_subprotocol = strcmp(answer.value, SUBPROTOCOL) == 0;
	}

	answer.name[0] = '\0';
	answer.value[0] = '\0';
	answer.in_value = false;
}

static int header_field(struct http_parser *parser, const char *at, size_t length)
{
	ARG_UNUSED(parser);

	if (answer.in_value) {
		take_header();
	}
	append(answer.name, sizeof(answer.name), at, length);

	return 0;
}

static int header_value(struct http_parser *parser, const char *at, size_t length)
{
	ARG_UNUSED(parser);

	answer.in_value = true;
	append(answer.value, sizeof(answer.value), at, length);

	return 0;
}

static int headers_complete(struct http_parser *parser)
{
	take_header();
	answer.status = parser->status_code;

	return 0;
}

static const struct http_parser_settings answer_parser = {
	.on_header_field = header_field,
	.on_header_value = header_value,
	.on_headers_complete = headers_complete,
};

static int write_authorization(const struct ocpp_port_server *server)
{
	char credentials[48 + 1 + 40 + 1];
	size_t used = sizeof("Authorization: Basic ") - 1;
	size_t length;
	int ret;

	ret = snprintf(credentials, sizeof(credentials), "%s:%s", server->identity,
		       CONFIG_OCPP_AUTHORIZATION_KEY);
	if (ret < 0 || ret >= sizeof(credentials)) {
		return -ENAMETOOLONG;
	}

	strcpy(authorization, "Authorization: Basic ");
	ret = base64_encode(&authorization[used], sizeof(authorization) - used - 2, &length,
			    credentials, ret);
	memset(credentials, 0, sizeof(credentials));
	if (ret < 0) {
		return -ENAMETOOLONG;
	}

	strcpy(&authorization[used + length], "\r\n");
	return 0;
}

static int handshake(const struct ocpp_port_server *server)
{
	const char *headers[] = {"Sec-WebSocket-Protocol: " SUBPROTOCOL "\r\n", NULL, NULL};
	struct websocket_request request = {
		.url = server->path,
		.optional_headers = headers,
		.http_cb = &answer_parser,
		.tmp_buf = client_buffer,
		.tmp_buf_len = sizeof(client_buffer),
	};
	char host[CONFIG_OCPP_HOST_LENGTH + sizeof("[]:65535")];
	bool is_ipv6 = strchr(server->host, ':') != NULL;
	int ret;

	snprintf(host, sizeof(host), is_ipv6 ? "[%s]:%u" : "%s:%u", server->host, server->port);
	request.host = host;

	if (sizeof(CONFIG_OCPP_AUTHORIZATION_KEY) > 1) {
		ret = write_authorization(server);
		if (ret < 0) {
			return ret;
		}
		headers[1] = authorization;
	}

	memset(&answer, 0, sizeof(answer));
	ret = websocket_connect(tcp_sock, &request, CONFIG_OCPP_CONNECT_TIMEOUT_MS, NULL);
	memset(authorization, 0, sizeof(authorization));
	if (ret < 0) {
		return ret;
	}

	ws_sock = ret;
	/* The client remembers from one connection to the next that an answer was good. */
	if (answer.status != SWITCHING_PROTOCOLS || !answer.has_accept) {
		return -ECONNREFUSED;
	}

	return answer.has_subprotocol ? 0 : -EPROTONOSUPPORT;
}

int ocpp_port_ws_open(const struct ocpp_port_server *server, uint16_t *http_status)
{
	int ret;

	*http_status = 0;
	tcp_sock = ocpp_port_tcp_connect(server->host, server->port, server->family);
	if (tcp_sock < 0) {
		return tcp_sock;
	}

	ret = handshake(server);
	*http_status = answer.status;
	if (ret < 0) {
		ocpp_port_ws_close(true);
		return ret;
	}

	/* From now on a send waits in poll(), with a limit; recv() does not wait at all. */
	(void)zsock_fcntl(tcp_sock, ZVFS_F_SETFL, ZVFS_O_NONBLOCK);
	return 0;
}

int ocpp_port_ws_socket(void)
{
	return tcp_sock;
}

int ocpp_port_ws_send(uint8_t opcode, const uint8_t *payload, size_t length, bool is_final)
{
	int ret;

	ret = websocket_send_msg(ws_sock, payload, length, (enum websocket_opcode)opcode, true,
				 is_final, CONFIG_OCPP_CONNECT_TIMEOUT_MS);

	return ret < 0 ? ret : 0;
}

int ocpp_port_ws_receive(uint8_t *into, size_t room, uint32_t *type, uint64_t *remaining,
			 bool is_readable)
{
	/*
	 * Without time, the client looks only at what it has received before: the offloaded
	 * sockets of native_sim never have something to read at once.
	 */
	return websocket_recv_msg(ws_sock, into, room, type, remaining,
				  is_readable ? READ_TIMEOUT_MS : 0);
}

/* Says goodbye and waits for the answer, so that the server does not take it for a failure. */
static void say_goodbye(void)
{
	const uint8_t normal_closure[] = {0x03, 0xe8};
	k_timepoint_t end = sys_timepoint_calc(K_MSEC(CLOSE_TIMEOUT_MS));
	uint8_t passed_over[64];
	uint32_t type = 0;
	int ret;

	ret = ocpp_port_ws_send(WEBSOCKET_OPCODE_CLOSE, normal_closure, sizeof(normal_closure),
				true);
	while (ret >= 0 && (type & WEBSOCKET_FLAG_CLOSE) == 0 && !sys_timepoint_expired(end)) {
		ret = websocket_recv_msg(ws_sock, passed_over, sizeof(passed_over), &type, NULL,
					 k_ticks_to_ms_ceil32(sys_timepoint_timeout(end).ticks));
	}
}

void ocpp_port_ws_close(bool lost)
{
	if (ws_sock >= 0) {
		if (!lost) {
			say_goodbye();
		}
		/*
		 * The client sends a close frame of its own when its socket is closed, without a
		 * limit in time. Nothing can be sent any more after this.
		 */
		(void)zsock_shutdown(tcp_sock, ZSOCK_SHUT_RDWR);
		(void)websocket_disconnect(ws_sock);
		ws_sock = -1;
	}

	if (tcp_sock >= 0) {
		(void)zsock_close(tcp_sock);
		tcp_sock = -1;
	}
}
