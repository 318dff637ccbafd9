/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Threads, semaphores and time for zephyr/port/src/kernel.rs: their objects are defined by
 * macros, and some of their functions are inline.
 */

#include <zephyr/drivers/hwinfo.h>
#include <zephyr/init.h>
#include <zephyr/kernel.h>
#include <zephyr/random/random.h>
#include <zephyr/sys/reboot.h>

#ifdef CONFIG_OCPP_HOST_SEED
#include <native_rtc.h>
#endif

#include "port.h"

static K_THREAD_STACK_DEFINE(engine_stack, CONFIG_OCPP_INT_THREAD_STACKSIZE);
static K_THREAD_STACK_DEFINE(connect_stack, CONFIG_OCPP_WSREADER_THREAD_STACKSIZE);
static K_THREAD_STACK_ARRAY_DEFINE(callback_stacks, CONFIG_OCPP_CALLBACK_THREADS,
				   CONFIG_OCPP_CALLBACK_THREAD_STACKSIZE);
#ifdef CONFIG_OCPP_PROFILE_FIRMWARE_MGNT
static K_THREAD_STACK_DEFINE(files_stack, CONFIG_OCPP_TRANSFER_THREAD_STACKSIZE);
#endif

static struct k_thread threads[OCPP_PORT_THREADS];
static struct k_sem semaphores[OCPP_PORT_SEMAPHORES];
static K_MUTEX_DEFINE(table_lock);

static void thread_entry(void *entry, void *number, void *unused)
{
	ARG_UNUSED(unused);

	((ocpp_port_entry_t)entry)((uint32_t)(uintptr_t)number);
}

void ocpp_port_thread_start(uint32_t number, ocpp_port_entry_t entry)
{
	k_thread_stack_t *stack;
	const char *name;
	size_t size;

	if (number == OCPP_PORT_ENGINE_THREAD) {
		stack = engine_stack;
		size = K_THREAD_STACK_SIZEOF(engine_stack);
		name = "ocpp";
	} else if (number == OCPP_PORT_CONNECT_THREAD) {
		stack = connect_stack;
		size = K_THREAD_STACK_SIZEOF(connect_stack);
		name = "ocpp_connect";
#ifdef CONFIG_OCPP_PROFILE_FIRMWARE_MGNT
	} else if (number == OCPP_PORT_FILES_THREAD) {
		stack = files_stack;
		size = K_THREAD_STACK_SIZEOF(files_stack);
		name = "ocpp_files";
#endif
	} else {
		stack = callback_stacks[number - OCPP_PORT_CALLBACK_THREAD];
		size = K_THREAD_STACK_SIZEOF(callback_stacks[0]);
		name = "ocpp_callback";
	}

	k_thread_create(&threads[number], stack, size, thread_entry, (void *)entry,
			(void *)(uintptr_t)number, NULL, CONFIG_OCPP_THREAD_PRIORITY, 0, K_NO_WAIT);
	k_thread_name_set(&threads[number], name);
}

void ocpp_port_thread_join(uint32_t number)
{
	(void)k_thread_join(&threads[number], K_FOREVER);
}

bool ocpp_port_is_own_thread(void)
{
	ARRAY_FOR_EACH_PTR(threads, thread) {
		if (thread == k_current_get()) {
			return true;
		}
	}

	return false;
}

bool ocpp_port_is_thread(uint32_t number)
{
	return k_current_get() == &threads[number];
}

bool ocpp_port_is_interrupt(void)
{
	return k_is_in_isr();
}

void ocpp_port_lock(void)
{
	(void)k_mutex_lock(&table_lock, K_FOREVER);

	/* Rust hands out exclusive access: a thread that holds it must not get it again. */
	if (table_lock.lock_count != 1U) {
		k_panic();
	}
}

void ocpp_port_unlock(void)
{
	(void)k_mutex_unlock(&table_lock);
}

static int init_semaphores(void)
{
	ARRAY_FOR_EACH_PTR(semaphores, semaphore) {
		(void)k_sem_init(semaphore, 0, K_SEM_MAX_LIMIT);
	}

	return 0;
}

SYS_INIT(init_semaphores, POST_KERNEL, CONFIG_KERNEL_INIT_PRIORITY_DEFAULT);

void ocpp_port_sem_reset(uint32_t number)
{
	k_sem_reset(&semaphores[number]);
}

void ocpp_port_sem_give(uint32_t number)
{
	k_sem_give(&semaphores[number]);
}

bool ocpp_port_sem_take(uint32_t number, uint32_t timeout_ms)
{
	k_timeout_t timeout = K_MSEC(timeout_ms);

	if (timeout_ms == (uint32_t)SYS_FOREVER_MS) {
		timeout = K_FOREVER;
	}

	return k_sem_take(&semaphores[number], timeout) == 0;
}

uint64_t ocpp_port_uptime(void)
{
	return (uint64_t)k_uptime_get();
}

bool ocpp_port_watchdog_reset(void)
{
#ifdef CONFIG_HWINFO
	uint32_t cause;

	/* Where an application does not clear it, the cause of an earlier reset is still there. */
	return hwinfo_get_reset_cause(&cause) == 0 && (cause & RESET_WATCHDOG) != 0 &&
	       (cause & (RESET_SOFTWARE | RESET_POR)) == 0;
#else
	return false;
#endif
}

uint32_t ocpp_port_random(void)
{
	uint32_t number = sys_rand32_get();

#ifdef CONFIG_OCPP_HOST_SEED
	number ^= (uint32_t)native_rtc_gettime_us(RTC_CLOCK_PSEUDOHOSTREALTIME);
#endif

	return number;
}

bool ocpp_port_reboot(void)
{
#ifdef CONFIG_OCPP_REBOOT
	sys_reboot(SYS_REBOOT_COLD);
#endif
	return false;
}

void ocpp_port_panic(void)
{
	k_panic();
}
