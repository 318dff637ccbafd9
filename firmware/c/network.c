/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* An address by DHCP, the one that the charge point has, and that of a host name. */

#include <errno.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/net/net_if.h>
#include <zephyr/net/dhcpv4.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/net_mgmt.h>
#include <zephyr/net/socket.h>

#include "firmware.h"

LOG_MODULE_DECLARE(main, LOG_LEVEL_INF);

#ifdef CONFIG_NET_DHCPV4
#define REMINDER K_SECONDS(30)

static struct net_mgmt_event_callback address_added;
static K_SEM_DEFINE(has_address, 0, 1);

static void log_lease(struct net_if *iface, const struct net_if_addr_ipv4 *unicast)
{
	char text[NET_IPV4_ADDR_LEN];

	LOG_INF("Your address: %s",
		net_addr_ntop(AF_INET, &unicast->ipv4.address.in_addr, text, sizeof(text)));
	LOG_INF("Lease time: %u seconds", iface->config.dhcpv4.lease_time);
	LOG_INF("Subnet: %s", net_addr_ntop(AF_INET, &unicast->netmask, text, sizeof(text)));
	LOG_INF("Router: %s",
		net_addr_ntop(AF_INET, &iface->config.ip.ipv4->gw, text, sizeof(text)));
}

static void on_address(struct net_mgmt_event_callback *callback, uint64_t event,
		       struct net_if *iface)
{
	ARG_UNUSED(callback);

	if (event != NET_EVENT_IPV4_ADDR_ADD) {
		return;
	}

	LOG_INF("net mgr cb");
	ARRAY_FOR_EACH_PTR(iface->config.ip.ipv4->unicast, unicast) {
		if (unicast->ipv4.is_used && unicast->ipv4.addr_type == NET_ADDR_DHCP) {
			log_lease(iface, unicast);
			k_sem_give(&has_address);
		}
	}
}

void firmware_await_address(void)
{
	net_mgmt_init_event_callback(&address_added, on_address, NET_EVENT_IPV4_ADDR_ADD);
	net_mgmt_add_event_callback(&address_added);
	net_dhcpv4_start(net_if_get_default());

	while (k_sem_take(&has_address, REMINDER) < 0) {
		LOG_WRN("no address from DHCP yet");
	}
}
#else
/* The address is in the configuration, or sockets are those of the host. */
void firmware_await_address(void)
{
}
#endif

#ifdef CONFIG_NET_NATIVE_OFFLOADED_SOCKETS
int firmware_own_address(char *address, size_t size)
{
	snprintk(address, size, "host network");
	return 0;
}
#else
int firmware_own_address(char *address, size_t size)
{
	struct net_if *iface = net_if_get_default();
	struct in_addr *own;

	own = iface == NULL ? NULL : net_if_ipv4_get_global_addr(iface, NET_ADDR_PREFERRED);
	if (own == NULL) {
		return -ENOENT;
	}

	return net_addr_ntop(AF_INET, own, address, size) == NULL ? -errno : 0;
}
#endif

static int resolve(const char *host, uint16_t family, char *address, size_t size)
{
	struct zsock_addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
	struct zsock_addrinfo *found = NULL;
	const void *binary;
	int ret;

	ret = zsock_getaddrinfo(host, NULL, &hints, &found);
	if (ret != 0 || found == NULL) {
		return ret == 0 ? -ENOENT : ret;
	}

	binary = family == AF_INET ? (const void *)&net_sin(found->ai_addr)->sin_addr
				   : (const void *)&net_sin6(found->ai_addr)->sin6_addr;
	if (zsock_inet_ntop(family, binary, address, size) == NULL) {
		ret = -errno;
	}

	zsock_freeaddrinfo(found);
	return ret;
}

int firmware_resolve(const char *host, char *address, size_t size)
{
	int ret = resolve(host, AF_INET, address, size);

	if (ret != 0 && IS_ENABLED(CONFIG_NET_IPV6) &&
	    resolve(host, AF_INET6, address, size) == 0) {
		return 0;
	}

	return ret;
}
