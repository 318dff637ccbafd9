/*
 * SPDX-License-Identifier: Apache-2.0
 */

#include <zephyr/kernel.h>

int main(void)
{
	printk("Without a charge point on %s\n", CONFIG_BOARD);

	return 0;
}
