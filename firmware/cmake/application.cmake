# SPDX-License-Identifier: Apache-2.0

# What the firmware is made of.

set(firmware ${CMAKE_CURRENT_LIST_DIR}/..)

target_sources(app PRIVATE
  ${firmware}/c/clock.c
  ${firmware}/c/command_line.c
  ${firmware}/c/log.c
  ${firmware}/c/network.c
)
target_sources_ifdef(CONFIG_CHARGE_POINT_SMALL_DISPLAY app PRIVATE ${firmware}/c/display.c)

ocpp_rust_application(${firmware})
