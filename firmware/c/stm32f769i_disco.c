/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * The pixel clock of stm32f769i_disco's panel. Zephyr 4.2 has one frequency for all of STM32F7,
 * 9.6 MHz, with which an OTM8009A would get 21 pictures in a second.
 */

#include <zephyr/init.h>
#include <stm32_ll_rcc.h>

/* After the LCD controller, which sets the frequency; before the panel, which begins to listen. */
#define PRIORITY 86
BUILD_ASSERT(CONFIG_DISPLAY_INIT_PRIORITY < PRIORITY);
#ifdef CONFIG_NT35510
BUILD_ASSERT(CONFIG_DISPLAY_NT35510_INIT_PRIORITY > PRIORITY);
#else
BUILD_ASSERT(CONFIG_DISPLAY_OTM8009A_INIT_PRIORITY > PRIORITY);
#endif

/*
 * 25 MHz / 25 * 200 / 4 / 2: 25 MHz, and with an OTM8009A 56 pictures of 870 by 512 pixels, porches
 * included, in a second; 31 with an NT35510, whose porches are larger. It is the crystal's frequency, which boards/stm32f769i_disco.overlay can name; and two
 * and a half times it is the clock of bytes on a lane, so that all that the DSI host counts in
 * pixels is a whole number of bytes.
 */
static int set_pixel_clock(void)
{
	LL_RCC_PLLSAI_Disable();
	while (LL_RCC_PLLSAI_IsReady()) {
	}

	LL_RCC_PLLSAI_ConfigDomain_LTDC(LL_RCC_PLLSOURCE_HSE, LL_RCC_PLLM_DIV_25, 200,
					LL_RCC_PLLSAIR_DIV_4, LL_RCC_PLLSAIDIVR_DIV_2);
	LL_RCC_PLLSAI_Enable();
	while (!LL_RCC_PLLSAI_IsReady()) {
	}

	return 0;
}

SYS_INIT(set_pixel_clock, POST_KERNEL, PRIORITY);
