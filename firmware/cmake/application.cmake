# SPDX-License-Identifier: Apache-2.0

# What the firmware is made of.

set(firmware ${CMAKE_CURRENT_LIST_DIR}/..)

target_sources(app PRIVATE
  ${firmware}/c/clock.c
  ${firmware}/c/command_line.c
  ${firmware}/c/log.c
  ${firmware}/c/network.c
)
target_sources_ifdef(CONFIG_CHARGE_POINT_GUI app PRIVATE ${firmware}/c/gui.c)
target_sources_ifdef(CONFIG_CHARGE_POINT_SMALL_DISPLAY app PRIVATE ${firmware}/c/display.c)
if(CONFIG_BOARD_STM32F769I_DISCO)
  target_sources_ifdef(CONFIG_DISPLAY app PRIVATE ${firmware}/c/stm32f769i_disco.c)
endif()
target_sources_ifdef(CONFIG_CHARGE_POINT_SHELL app PRIVATE ${firmware}/c/shell.c)
target_sources_ifdef(CONFIG_CHARGE_POINT_SESSION_LOG app PRIVATE ${firmware}/c/session_log.c)
target_sources_ifdef(CONFIG_CHARGE_POINT_USB app PRIVATE ${firmware}/c/usb.c)
target_sources_ifdef(CONFIG_CHARGE_POINT_USB_STM32_SPEED app PRIVATE ${firmware}/c/usb_stm32.c)

if(CONFIG_CHARGE_POINT_UART_PTY)
  target_sources(app PRIVATE ${firmware}/native_sim/uart_pty.c)
  # This part is built for the host, with its C library.
  target_sources(native_simulator INTERFACE ${firmware}/native_sim/pty_host.c)
endif()

ocpp_rust_application(${firmware})
