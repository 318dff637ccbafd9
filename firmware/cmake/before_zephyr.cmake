# SPDX-License-Identifier: Apache-2.0

# What has to be known before Zephyr is looked for.

cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH firmware)
cmake_path(GET firmware PARENT_PATH repository)

# The repository is a module as well, which a workspace need not know. Zephyr looks at the first
# name of this list that is set, so all that others say goes there too.
set(modules ${repository})
foreach(name EXTRA_ZEPHYR_MODULES ZEPHYR_EXTRA_MODULES)
  list(APPEND modules ${${name}} $ENV{${name}})
endforeach()
list(REMOVE_DUPLICATES modules)
set(EXTRA_ZEPHYR_MODULES ${modules} CACHE INTERNAL "")

# The bindings of firmware/dts.
list(APPEND DTS_ROOT ${firmware})
