# SPDX-License-Identifier: Apache-2.0

# The firmware as the application `app`: for the image at the root of the repository, and for those
# of its tests.

foreach(source clock command_line log network)
  target_sources(app PRIVATE ${CMAKE_CURRENT_LIST_DIR}/c/${source}.c)
endforeach()
target_sources_ifdef(CONFIG_CHARGE_POINT_SHELL app PRIVATE ${CMAKE_CURRENT_LIST_DIR}/c/shell.c)

ocpp_rust_application(${CMAKE_CURRENT_LIST_DIR})
