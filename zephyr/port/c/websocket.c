/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * One websocket at a time through Zephyr's client. The connect thread opens it, the engine's
 * thread uses and closes it; the lock around what they exchange orders the two.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <zephyr/kernel.h>
#include <zephyr/net/http/client.h>
#include <zephyr/net/http/parser.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>
#include <zephyr/sys/base64.h>
#include <zephyr/sys/fdtable.h>

#include "port.h"

#define SWITCHING_PROTOCOLS 101
/* Base64 of a SHA-1. */
#define ACCEPT_LENGTH 28
/* Of a longer value the rest is passed over. */
#define VALUE_LENGTH 64
/* How long the other side may take to answer a close frame. */
#define CLOSE_TIMEOUT_MS 1000
/* How long the rest of a frame is waited for whose beginning is there. */
#define READ_TIMEOUT_MS 5

static int tcp_sock = -1;
static int ws_sock = -1;
/*
 * Bytes that a socket with TLS has not finished with: it wants to be given the same ones again, and
 * no more of them.
 */
static size_t unfinished;

/* The client keeps received bytes here for as long as it is open. */
static uint8_t client_buffer[CONFIG_OCPP_WEBSOCKET_BUFFER_SIZE];
/* Of HTTP Basic authentication. */
#define LONGEST_USER     48
#define LONGEST_PASSWORD 40
#define LONGEST_LOGIN    (LONGEST_USER + 1 + LONGEST_PASSWORD)

static char authorization[sizeof("Authorization: Basic \r\n") + 4 * ((LONGEST_LOGIN + 2) / 3)];
/* What the handshake that is under way was asked for. */
static const struct ocpp_port_server *asked;

/*
 * What the answer to the handshake said. A header may arrive in pieces, so its name and value
 * are put together here; what is too long for that is none of the headers asked for.
 */
static struct {
	char name[sizeof("Sec-WebSocket-Extensions") + 1];
	char value[VALUE_LENGTH];
	char accept[ACCEPT_LENGTH + 2];
	bool in_value;
	bool is_complete;
	bool upgrades;
	bool is_upgraded;
	bool has_extension;
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

/* Whether a value, a list with commas, has that token. */
static bool has_token(const char *value, const char *token)
{
	static const char between[] = ", \t";
	size_t length;

	for (value += strspn(value, between); *value != '\0'; value += strspn(value, between)) {
		length = strcspn(value, between);
		if (length == strlen(token) && strncasecmp(value, token, length) == 0) {
			return true;
		}
		value += length;
	}

	return false;
}

static void take_header(void)
{
	if (strcasecmp(answer.name, "Sec-WebSocket-Accept") == 0) {
		answer.accept[0] = '\0';
		append(answer.accept, sizeof(answer.accept), answer.value, strlen(answer.value));
	} else if (strcasecmp(answer.name, "Upgrade") == 0) {
		answer.is_upgraded |= has_token(answer.value, "websocket");
	} else if (strcasecmp(answer.name, "Connection") == 0) {
		answer.upgrades |= has_token(answer.value, "Upgrade");
	} else if (strcasecmp(answer.name, "Sec-WebSocket-Extensions") == 0) {
		answer.has_extension |= answer.value[0] != '\0';
	} else if (strcasecmp(answer.name, "Sec-WebSocket-Protocol") == 0) {
		answer.has_subprotocol =
			strlen(answer.value) == asked->subprotocol_length &&
			memcmp(answer.value, asked->subprotocol, asked->subprotocol_length) == 0;
	}

	answer.name[0] = '\0';
	answer.value[0] = '\0';
	answer.in_value = false;
}

static int header_field(struct http_parser *parser, const char *at, size_t length)
{
	ARG_UNUSED(parser);

	if (answer.is_complete) {
		return 0;
	}
	if (answer.in_value) {
		take_header();
	}
	append(answer.name, sizeof(answer.name), at, length);

	return 0;
}

static int header_value(struct http_parser *parser, const char *at, size_t length)
{
	ARG_UNUSED(parser);

	if (answer.is_complete) {
		return 0;
	}
	answer.in_value = true;
	append(answer.value, sizeof(answer.value), at, length);

	return 0;
}

/*
 * Zephyr's client looks for the name of a header within each piece of it that arrives, and compares
 * as much of the value as the first piece has. So an answer whose Sec-WebSocket-Accept arrives in
 * two pieces is refused, or taken for its beginning. Here it is shown that header once more, whole,
 * before it decides. Only the client knows the value it has to have.
 */
static void show_accept(struct http_parser *parser)
{
	static const char name[] = "Sec-WebSocket-Accept";
	struct http_request *request = CONTAINER_OF(parser, struct http_request, internal.parser);
	const struct http_parser_settings *client = request->http_cb;

	if (strlen(answer.accept) != ACCEPT_LENGTH) {
		/* Of a shorter one the client would compare only that, of a longer one we have a part. */
		strcpy(answer.accept, "?");
	}
	(void)client->on_header_field(parser, name, sizeof(name) - 1);
	(void)client->on_header_value(parser, answer.accept, strlen(answer.accept));
}

static int headers_complete(struct http_parser *parser)
{
	take_header();
	answer.status = parser->status_code;
	answer.is_complete = true;
	show_accept(parser);

	return 0;
}

static const struct http_parser_settings answer_parser = {
	.on_header_field = header_field,
	.on_header_value = header_value,
	.on_headers_complete = headers_complete,
};

static int write_authorization(const struct ocpp_port_server *server)
{
	uint8_t login[LONGEST_LOGIN];
	size_t user = strlen(server->user);
	size_t used = sizeof("Authorization: Basic ") - 1;
	size_t length;
	int ret;

	if (user > LONGEST_USER || server->password_length > LONGEST_PASSWORD) {
		return -ENAMETOOLONG;
	}

	memcpy(login, server->user, user);
	login[user] = ':';
	/* Bytes, which need not be text (security whitepaper, A00.FR.205). */
	memcpy(&login[user + 1], server->password, server->password_length);
	strcpy(authorization, "Authorization: Basic ");
	ret = base64_encode((uint8_t *)&authorization[used], sizeof(authorization) - used - 2, &length,
			    login, user + 1 + server->password_length);
	memset(login, 0, sizeof(login));
	if (ret < 0) {
		return -ENAMETOOLONG;
	}

	strcpy(&authorization[used + length], "\r\n");
	return 0;
}

const char *ocpp_port_authorization_key(void)
{
	return CONFIG_OCPP_AUTHORIZATION_KEY;
}

static int handshake(const struct ocpp_port_server *server, uint8_t *step)
{
	char offer[sizeof("Sec-WebSocket-Protocol: \r\n") + OCPP_PORT_SUBPROTOCOL];
	const char *headers[] = {offer, NULL, NULL};
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

	*step = OCPP_PORT_STEP_REQUEST;
	snprintf(host, sizeof(host), is_ipv6 ? "[%s]:%u" : "%s:%u", server->host, server->port);
	request.host = host;
	snprintf(offer, sizeof(offer), "Sec-WebSocket-Protocol: %.*s\r\n",
		 server->subprotocol_length, server->subprotocol);
	asked = server;

	if (server->user != NULL) {
		ret = write_authorization(server);
		if (ret < 0) {
			return ret;
		}
		headers[1] = authorization;
	}

	memset(&answer, 0, sizeof(answer));
	ret = websocket_connect(tcp_sock, &request, CONFIG_OCPP_CONNECT_TIMEOUT_MS, NULL);
	memset(authorization, 0, sizeof(authorization));
	if (ret >= 0) {
		ws_sock = ret;
	}

	/* The client remembers from one connection to the next that an answer was good. */
	if (!answer.is_complete) {
		*step = OCPP_PORT_STEP_ANSWER;
		return ret < 0 ? ret : -ECONNABORTED;
	}
	if (answer.status != SWITCHING_PROTOCOLS) {
		*step = OCPP_PORT_STEP_REFUSED;
		return ret < 0 ? ret : -ECONNREFUSED;
	}
	if (ret == -ECONNABORTED) {
		*step = OCPP_PORT_STEP_ACCEPT;
	}
	if (ret < 0) {
		return ret;
	}

	/* These Zephyr's client does not look at (RFC 6455, 4.1). */
	if (!answer.upgrades || !answer.is_upgraded) {
		*step = OCPP_PORT_STEP_UPGRADE;
		return -ECONNABORTED;
	}
	if (answer.has_extension) {
		*step = OCPP_PORT_STEP_EXTENSION;
		return -ECONNABORTED;
	}

	*step = OCPP_PORT_STEP_SUBPROTOCOL;
	return answer.has_subprotocol ? 0 : -EPROTONOSUPPORT;
}

int ocpp_port_ws_open(const struct ocpp_port_server *server, uint16_t *http_status, uint8_t *step)
{
	int ret;

	*http_status = 0;
	unfinished = 0;
	tcp_sock = ocpp_port_tcp_connect(server->host, server->port, server->family, server->tls,
					 step);
	if (tcp_sock < 0) {
		return tcp_sock;
	}

	ret = handshake(server, step);
	*http_status = answer.status;
	if (ret < 0) {
		ocpp_port_ws_close(true);
		return ret;
	}

	/* From now on neither sending nor receiving waits. */
	(void)zsock_fcntl(tcp_sock, ZVFS_F_SETFL, ZVFS_O_NONBLOCK);
	return 0;
}

int ocpp_port_ws_socket(void)
{
	return tcp_sock;
}

int ocpp_port_ws_write(const uint8_t *bytes, size_t length)
{
	ssize_t written;

	length = unfinished > 0 ? MIN(length, unfinished) : length;
	written = zsock_send(tcp_sock, bytes, length, ZSOCK_MSG_DONTWAIT);
	if (written >= 0) {
		unfinished = 0;
		return (int)written;
	}

	unfinished = length;

	if (errno == ENOMEM || errno == ENOBUFS) {
		/* The stack has no buffer left, of which poll() does not know: at least no busy loop. */
		k_sleep(K_MSEC(1));
		return 0;
	}

	return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
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

	ret = websocket_send_msg(ws_sock, normal_closure, sizeof(normal_closure),
				 WEBSOCKET_OPCODE_CLOSE, true, true, CLOSE_TIMEOUT_MS);
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
