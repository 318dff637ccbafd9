/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Zephyr's TCP/IP above an Ethernet controller. A frame arrives when the driver hands it over in
 * its interrupt, and has left when the driver returns; CONFIG_NET_TC_TX_COUNT=0 has it called by
 * the thread that sends.
 */

#include <zephyr/kernel.h>
#include <zephyr/net/ethernet.h>
#include <zephyr/net/net_core.h>
#include <zephyr/net/net_if.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/net_pkt.h>
#include <zephyr/sys/byteorder.h>

#include "wire.h"

BUILD_ASSERT(CONFIG_NET_TC_TX_COUNT == 0, "frames leave on another thread");

/* Segments that arrived and were not asked for yet: a power of two. */
#define SEGMENTS 32

#define TCP_SYN 0x02

static struct {
	/* Sequence number behind its last byte. */
	uint32_t end;
	uint64_t at;
} segments[SEGMENTS];
static uint32_t first;
static uint32_t count;
/* Sequence numbers behind what has arrived, and behind what has been asked for. */
static uint32_t arrived;
static uint32_t taken;
static uint64_t left;
static struct k_spinlock lock;

uint64_t wire_now(void)
{
	return k_cycle_get_64();
}

/* One that comes again does not arrive any later. */
static void take_segment(uint32_t sequence, size_t length, bool is_first, uint64_t now)
{
	k_spinlock_key_t key = k_spin_lock(&lock);

	if (is_first) {
		arrived = sequence + 1;
	} else if (length > 0 && (int32_t)(sequence + length - arrived) > 0 && count < SEGMENTS) {
		arrived = sequence + length;
		segments[(first + count) % SEGMENTS].end = arrived;
		segments[(first + count) % SEGMENTS].at = now;
		count++;
	}
	k_spin_unlock(&lock, key);
}

static void look_at(struct net_pkt *pkt, uint64_t now)
{
	struct {
		struct net_eth_hdr ethernet;
		struct net_ipv4_hdr ip;
		struct net_tcp_hdr tcp;
	} __packed head;
	size_t headers;

	net_pkt_cursor_init(pkt);
	if (net_pkt_read(pkt, &head, sizeof(head)) < 0 ||
	    ntohs(head.ethernet.type) != NET_ETH_PTYPE_IP || head.ip.proto != IPPROTO_TCP ||
	    ntohs(head.tcp.src_port) != CONFIG_LATENCY_PORT) {
		return;
	}
	/* 20 bytes of IPv4: QEMU sends no options. */
	headers = sizeof(head.ip) + 4U * (head.tcp.offset >> 4);
	take_segment(sys_get_be32(head.tcp.seq), ntohs(head.ip.len) - headers,
		     (head.tcp.flags & TCP_SYN) != 0, now);
}

void wire_opened(void)
{
	k_spinlock_key_t key = k_spin_lock(&lock);

	taken = arrived;
	count = 0;
	k_spin_unlock(&lock, key);
}

uint64_t wire_arrived(size_t length)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	uint64_t at = 0;

	taken += length;
	while (count > 0 && (int32_t)(segments[first].end - taken) < 0) {
		first = (first + 1) % SEGMENTS;
		count--;
	}
	if (count > 0) {
		at = segments[first].at;
	}
	k_spin_unlock(&lock, key);
	return at;
}

uint64_t wire_left(void)
{
	uint64_t at = left;

	left = 0;
	/* Nothing has left when the connection takes no more for now; it is then waited for. */
	return at == 0 ? wire_now() : at;
}

int __real_net_recv_data(struct net_if *iface, struct net_pkt *pkt);
enum net_verdict __real_net_if_try_send_data(struct net_if *iface, struct net_pkt *pkt,
					     k_timeout_t timeout);

int __wrap_net_recv_data(struct net_if *iface, struct net_pkt *pkt)
{
	look_at(pkt, wire_now());
	return __real_net_recv_data(iface, pkt);
}

enum net_verdict __wrap_net_if_try_send_data(struct net_if *iface, struct net_pkt *pkt,
					     k_timeout_t timeout)
{
	/* An acknowledgement alone is none of what was asked to be sent. */
	bool carries = net_pkt_get_len(pkt) >
		       sizeof(struct net_ipv4_hdr) + sizeof(struct net_tcp_hdr);
	/* Or the answer is there, and taken by a thread that goes first, before the clock is read. */
	unsigned int key = irq_lock();
	enum net_verdict verdict = __real_net_if_try_send_data(iface, pkt, timeout);

	if (carries) {
		left = wire_now();
	}
	irq_unlock(key);
	return verdict;
}
