/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* A charge point that is given its certificates and password on the command line of its process. */

#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/ocpp.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/tls_credentials.h>
#include <zephyr/shell/shell.h>
#include <zephyr/shell/shell_dummy.h>

#include "cmdline.h"
#include "files.h"
#include "nsi_main.h"
#include "posix_native_task.h"

#define ROOTS_TAG 1
#define OWN_TAG   2

static char *roots_file;
static char *certificate_file;
static char *key_file;
static char *password_file;
static char *name;
static uint32_t port;

static uint8_t roots[16384];
static uint8_t certificate[8192];
static uint8_t key[4096];
static uint8_t password[64];

static K_SEM_DEFINE(commanded, 0, 1);
static char command[51];

static void add_options(void)
{
	static struct args_struct_t options[] = {
		{.option = "roots", .name = "file", .type = 's', .dest = &roots_file},
		{.option = "certificate", .name = "file", .type = 's', .dest = &certificate_file},
		{.option = "key", .name = "file", .type = 's', .dest = &key_file},
		{.option = "password", .name = "file", .type = 's', .dest = &password_file},
		{.option = "name", .name = "name", .type = 's', .dest = &name},
		{.option = "tcp-port", .name = "number", .type = 'u', .dest = &port},
		ARG_TABLE_ENDMARKER,
	};

	native_add_command_line_opts(options);
}

NATIVE_TASK(add_options, PRE_BOOT_1, 1);

static int notified(enum ocpp_notify_reason reason, union ocpp_io_value *io, void *user_data)
{
	ARG_UNUSED(user_data);

	if (reason != OCPP_USR_GET_METER_VALUE) {
		return 0;
	}
	if (io->meter_val.mes != OCPP_OMM_ACTIVE_ENERGY_TO_EV) {
		return -ENOTSUP;
	}
	snprintf(io->meter_val.val, sizeof(io->meter_val.val), "%d", 0);

	return 0;
}

static int happened(enum ocpp_event event, union ocpp_event_value *value, void *user_data)
{
	ARG_UNUSED(user_data);

	switch (event) {
	case OCPP_EVENT_RESET:
		printk("reset\n");
		nsi_exit(0);
		return 0;
	case OCPP_EVENT_DATA_TRANSFER:
		/* The main thread has a larger stack. */
		strncpy(command, value->data_transfer.message_id, sizeof(command) - 1);
		k_sem_give(&commanded);
		return 0;
	default:
		return -ENOTSUP;
	}
}

/* What the central system has the application do. */
static void carry_out(void)
{
	const struct shell *sh = shell_backend_dummy_get_ptr();
	size_t length;
	int ret;

	if (strcmp(command, "request certificate") == 0) {
		printk("request: %d\n", ocpp_request_certificate());
		return;
	}
	if (strcmp(command, "tamper") == 0) {
		ret = ocpp_report_security_event(OCPP_SECURITY_EVENT_TAMPER_DETECTION_ACTIVATED,
						 "lid");
		printk("report: %d\n", ret);
		return;
	}
	shell_backend_dummy_clear_output(sh);
	ret = shell_execute_cmd(sh, command);
	printk("%s\nshell: %d\n", shell_backend_dummy_get_output(sh, &length), ret);
}

static bool add(int tag, enum tls_credential_type type, const char *file, uint8_t *into, size_t room)
{
	size_t length = read_file(file, into, room);

	return length > 0 && tls_credential_add(tag, type, into, length) == 0;
}

int main(void)
{
	struct ocpp_cp_info cp_info = {
		.model = "security",
		.vendor = "tests",
		.num_of_con = 2,
		.sl_no = "SN-0815",
	};
	struct ocpp_cs_info cs_info = {
		.cs_ip = "127.0.0.1",
		.ws_url = "/ocpp/security",
		.port = port,
		.sa_family = AF_INET,
	};
	static sec_tag_t tags[2];
	size_t count = 0;
	size_t length;
	int ret;

	if (add(ROOTS_TAG, TLS_CREDENTIAL_CA_CERTIFICATE, roots_file, roots, sizeof(roots))) {
		tags[count++] = ROOTS_TAG;
	}
	if (add(OWN_TAG, TLS_CREDENTIAL_PUBLIC_CERTIFICATE, certificate_file, certificate,
		sizeof(certificate)) &&
	    add(OWN_TAG, TLS_CREDENTIAL_PRIVATE_KEY, key_file, key, sizeof(key))) {
		tags[count++] = OWN_TAG;
	}
	cs_info.creds.sec_tag_list = tags;
	cs_info.creds.sec_tag_list_size = count * sizeof(tags[0]);
	cs_info.creds.tls_hostname = name;
	cs_info.creds.tls_hostname_size = name == NULL ? 0 : strlen(name) + 1;

	length = read_file(password_file, password, sizeof(password));
	if (length > 1) {
		cs_info.basic_auth.username = "security";
		cs_info.basic_auth.password = password;
		cs_info.basic_auth.password_len = length - 1;
	}

	(void)ocpp_set_event_callback(happened, NULL);
	ret = ocpp_init(&cp_info, &cs_info, notified, NULL);
	if (ret != 0) {
		printk("FAILED: ocpp_init() = %d\n", ret);
		nsi_exit(1);
	}
	printk("started\n");
	while (true) {
		(void)k_sem_take(&commanded, K_FOREVER);
		carry_out();
	}

	return 0;
}
