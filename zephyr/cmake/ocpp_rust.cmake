# SPDX-License-Identifier: Apache-2.0

# Finds the toolchain to build with, and where its `core` for a target comes from: the toolchain
# (rustup target add), or the sources (rust-src), which cargo then builds once for each build
# directory. Of several toolchains in PATH, as of rustup and of a distribution, the first one
# that has the target is taken, else the first one that has the sources.
function(_ocpp_rust_toolchain target out_cargo out_rustc out_environment out_arguments)
  cmake_path(CONVERT "$ENV{PATH}" TO_CMAKE_PATH_LIST folders)
  list(REMOVE_DUPLICATES folders)
  set(with_target)
  set(with_sources)
  set(seen)
  foreach(folder IN LISTS folders)
    if(NOT EXISTS ${folder}/rustc OR NOT EXISTS ${folder}/cargo)
      continue()
    endif()
    execute_process(
      COMMAND ${folder}/rustc --print sysroot
      WORKING_DIRECTORY ${OCPP_PORT_DIR}
      OUTPUT_VARIABLE sysroot
      OUTPUT_STRIP_TRAILING_WHITESPACE
      RESULT_VARIABLE failed
    )
    if(failed)
      continue()
    endif()
    list(APPEND seen ${sysroot})
    if(EXISTS ${sysroot}/lib/rustlib/${target}/lib)
      list(APPEND with_target ${folder})
    elseif(EXISTS ${sysroot}/lib/rustlib/src/rust/library/core)
      list(APPEND with_sources ${folder})
    endif()
  endforeach()

  set(environment)
  set(arguments)
  if(with_target)
    list(GET with_target 0 folder)
    message(STATUS "OCPP: ${folder}/rustc has core for ${target}")
  elseif(with_sources)
    list(GET with_sources 0 folder)
    message(STATUS "OCPP: ${folder}/rustc builds core for ${target} from its sources")
    # Building it is an unstable feature, which this variable allows a stable compiler.
    set(environment RUSTC_BOOTSTRAP=1)
    set(arguments -Zbuild-std=core)
  else()
    message(FATAL_ERROR
      "No Rust compiler in PATH has a core library for ${target} (looked at: ${seen}).\n"
      "With rustup:\n  rustup target add ${target}\n"
      "Without it, install the sources of the standard library, which a distribution packages "
      "as rust-src, or with rustup:\n  rustup component add rust-src")
  endif()
  set(${out_cargo} ${folder}/cargo PARENT_SCOPE)
  set(${out_rustc} ${folder}/rustc PARENT_SCOPE)
  set(${out_environment} ${environment} PARENT_SCOPE)
  set(${out_arguments} ${arguments} PARENT_SCOPE)
endfunction()

# Kconfig's choices as the environment in which zephyr/port is built: see build.rs and
# zephyr/port/src/limits.rs for what each of them means.
function(_ocpp_rust_environment out)
  set(environment)
  foreach(option
      CONNECTORS CACHE_ENTRIES JOURNAL_SLOTS LIST_LENGTH READINGS DATA_LENGTH
      CALL_TIMEOUT_MS METER_TIMEOUT_MS UNLOCK_TIMEOUT_MS SOFT_RESET_TIMEOUT_MS
      TRANSACTION_SAVE_INTERVAL_MS RECONNECT_MIN_MS RECONNECT_MAX_MS
      SESSIONS INTERNAL_MSGQ_CNT CALLBACK_THREADS RECV_BUFFER_SIZE SEND_BUFFER_SIZE
      STORAGE_SIZE HOST_LENGTH PATH_LENGTH LOG_LEVEL DATA_TRANSFER_VENDOR)
    if(DEFINED CONFIG_OCPP_${option})
      list(APPEND environment OCPP_${option}=${CONFIG_OCPP_${option}})
    endif()
  endforeach()
  set(${out} ${environment} PARENT_SCOPE)
endfunction()

# Builds zephyr/port for the target of the image, and gives it as the imported library `name`;
# the target that runs cargo is `name`_build.
function(ocpp_rust_library name)
  set(OCPP_PORT_DIR ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../port)

  # From zephyr-lang-rust; sets RUST_TARGET.
  _rust_map_target()
  _ocpp_rust_toolchain(${RUST_TARGET} cargo rustc core_environment core_arguments)
  _ocpp_rust_environment(environment)

  set(target_dir ${CMAKE_CURRENT_BINARY_DIR}/rust)
  set(library ${target_dir}/${RUST_TARGET}/release/libocpp_port.a)

  # Only cargo knows whether something changed. Its output here is a file that never comes to
  # be, so that it is asked in every build; the library is a by-product, so that the image is
  # linked anew only when cargo wrote it.
  add_custom_command(
    OUTPUT ${target_dir}/always-ask-cargo
    BYPRODUCTS ${library}
    COMMAND
      ${CMAKE_COMMAND} -E env RUSTC=${rustc} ${core_environment} ${environment}
      ${cargo} rustc --lib --crate-type staticlib --release --locked --features image
      --target ${RUST_TARGET} --target-dir ${target_dir} ${core_arguments}
    WORKING_DIRECTORY ${OCPP_PORT_DIR}
    COMMENT "Building the OCPP charge point for ${RUST_TARGET}"
    USES_TERMINAL
    VERBATIM
  )
  add_custom_target(${name}_build DEPENDS ${target_dir}/always-ask-cargo)

  add_library(${name} STATIC IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${library})
  add_dependencies(${name} ${name}_build)
endfunction()
