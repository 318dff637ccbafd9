# SPDX-License-Identifier: Apache-2.0

# Finds the toolchain to build with, and where its `core` for a target comes from: the toolchain
# (rustup target add), or the sources (rust-src), which cargo then builds once for each build
# directory. `crates` are those of the standard library that are wanted. Of several toolchains in PATH, as of rustup and of a distribution, the first one
# that has the target is taken, else the first one that has the sources.
function(_ocpp_rust_toolchain target crates out_cargo out_rustc out_environment out_arguments)
  set(port ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../port)
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
      WORKING_DIRECTORY ${port}
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
    set(arguments -Zbuild-std=${crates})
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

# Kconfig's choices as the environment in which the charge point is built: see build.rs and
# zephyr/port/src/limits.rs for what each of them means.
function(_ocpp_rust_capacities out)
  if("${CONFIG_OCPP_DATA_TRANSFER_VENDOR}" MATCHES "[;\"\\\\]")
    message(FATAL_ERROR
      "CONFIG_OCPP_DATA_TRANSFER_VENDOR has a semicolon, quotation mark or backslash")
  endif()
  set(environment)
  foreach(option
      CONNECTORS CACHE_ENTRIES JOURNAL_SLOTS LIST_LENGTH READINGS DATA_LENGTH
      CALL_TIMEOUT_MS METER_TIMEOUT_MS RECOVERY_METER_TIMEOUT_MS UNLOCK_TIMEOUT_MS
      SOFT_RESET_TIMEOUT_MS
      TRANSACTION_SAVE_INTERVAL_MS RECONNECT_MIN_MS RECONNECT_MAX_MS
      CONNECT_TIMEOUT_MS SESSIONS INTERNAL_MSGQ_CNT CALLBACK_THREADS RECV_BUFFER_SIZE SEND_BUFFER_SIZE
      STORAGE_FLASH STORAGE_FLASH_SIZE STORAGE_PARTITION_SIZE STORAGE_PAGE_SIZE
      STORAGE_WRITE_SIZE STORAGE_SIZE HOST_LENGTH PATH_LENGTH LOG_LEVEL DATA_TRANSFER_VENDOR
      DEFAULT_V201 APPLICATION_SETTINGS SETTING_LENGTH LOCAL_LIST_ENTRIES
      CHARGING_PROFILES CHARGING_PERIODS NOMINAL_VOLTAGE LOCATION_LENGTH
      DIAGNOSTICS_FLASH DIAGNOSTICS_SIZE DIAGNOSTICS_BUFFER_SIZE DIAGNOSTICS_SAVE_INTERVAL_MS
      TLS_WILDCARDS TLS_TAG CERTIFICATES CERTIFICATE_BUFFER_SIZE SECURITY_EVENTS OBJECT_LENGTH
      TELL_SECURITY_EVENTS SIGNED_FIRMWARE_ONLY ADDITIONAL_ROOT_CHECK)
    if(DEFINED CONFIG_OCPP_${option})
      list(APPEND environment OCPP_${option}=${CONFIG_OCPP_${option}})
    endif()
  endforeach()
  set(${out} ${environment} PARENT_SCOPE)
endfunction()

# Describes in `file` the target `target` without frame pointers, which all of Rust's targets for Arm
# microcontrollers keep. Only from its sources the standard library can be had for it.
function(_ocpp_rust_target_without_frame_pointers target rustc file)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env RUSTC_BOOTSTRAP=1
      ${rustc} -Zunstable-options --print target-spec-json --target ${target}
    OUTPUT_VARIABLE description
    COMMAND_ERROR_IS_FATAL ANY
  )
  string(JSON description SET "${description}" "frame-pointer" "\"may-omit\"")
  file(CONFIGURE OUTPUT ${file} CONTENT "${description}" @ONLY)
endfunction()

# Builds a crate as the image's one Rust static library, and gives it as the imported library
# `name`; the target that runs cargo is `name`_build.
#
#   CRATE        its folder
#   LIBRARY      the file that cargo makes of it
#   STD          crates of the standard library it needs
#   ENVIRONMENT  variables for its build, besides the capacities of the charge point
#   ARGUMENTS    for cargo
#   BYPRODUCTS   other files that its build writes
#   DEPENDS      targets to be built before
function(_ocpp_rust_static_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg ""
                        "CRATE;LIBRARY;STD" "ENVIRONMENT;ARGUMENTS;BYPRODUCTS;DEPENDS")

  # From zephyr-lang-rust; sets RUST_TARGET.
  _rust_map_target()
  _ocpp_rust_toolchain(${RUST_TARGET} ${arg_STD} cargo rustc std_environment std_arguments)
  _ocpp_rust_capacities(capacities)

  set(target ${RUST_TARGET})
  set(target_name ${RUST_TARGET})
  if(CONFIG_OCPP_OMIT_FRAME_POINTERS)
    if(NOT std_arguments)
      message(FATAL_ERROR
        "CONFIG_OCPP_OMIT_FRAME_POINTERS needs the sources of the standard library: rust-src, and a "
        "toolchain without ${RUST_TARGET} in front in PATH")
    endif()
    set(target_name ${RUST_TARGET}-without-frame-pointers)
    set(target ${CMAKE_CURRENT_BINARY_DIR}/rust/${target_name}.json)
    _ocpp_rust_target_without_frame_pointers(${RUST_TARGET} ${rustc} ${target})
    # Newer versions of cargo want to be told.
    execute_process(
      COMMAND ${CMAKE_COMMAND} -E env RUSTC_BOOTSTRAP=1 ${cargo} -Z help
      OUTPUT_VARIABLE unstable
    )
    if(unstable MATCHES "json-target-spec")
      list(APPEND std_arguments -Zjson-target-spec)
    endif()
  endif()

  set(target_dir ${CMAKE_CURRENT_BINARY_DIR}/rust)
  set(library ${target_dir}/${target_name}/release/${arg_LIBRARY})

  # Only cargo knows whether something changed. Its output here is a file that never comes to
  # be, so that it is asked in every build; the library is a by-product, so that the image is
  # linked anew only when cargo wrote it.
  add_custom_command(
    OUTPUT ${target_dir}/always-ask-cargo
    BYPRODUCTS ${library} ${arg_BYPRODUCTS}
    COMMAND
      ${CMAKE_COMMAND} -E env --unset=RUSTFLAGS
      RUSTC=${rustc} ${std_environment} ${capacities} ${arg_ENVIRONMENT}
      ${cargo} rustc --lib --crate-type staticlib --release
      --target ${target} --target-dir ${target_dir} ${std_arguments} ${arg_ARGUMENTS}
    WORKING_DIRECTORY ${arg_CRATE}
    COMMENT "Building ${arg_LIBRARY} for ${RUST_TARGET}"
    USES_TERMINAL
    VERBATIM
  )
  add_custom_target(${name}_build DEPENDS ${target_dir}/always-ask-cargo)
  if(arg_DEPENDS)
    add_dependencies(${name}_build ${arg_DEPENDS})
  endif()

  add_library(${name} STATIC IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${library})
  add_dependencies(${name} ${name}_build)
endfunction()

# Features of the crate zephyr/port, each behind `prefix`, with commas between them. A version that
# is none of them is not in the image.
function(_ocpp_rust_features out prefix)
  set(features)
  foreach(feature V16 V201 SHELL)
    if(CONFIG_OCPP_${feature})
      string(TOLOWER ${feature} name)
      list(APPEND features ${prefix}${name})
    endif()
  endforeach()
  if(CONFIG_OCPP_PROFILE_SMART_CHARGE)
    list(APPEND features ${prefix}smart-charging)
  endif()
  if(CONFIG_NET_SOCKETS_SOCKOPT_TLS)
    list(APPEND features ${prefix}tls)
  endif()
  if(CONFIG_OCPP_SECURITY)
    list(APPEND features ${prefix}security)
  endif()
  if(CONFIG_OCPP_BASIC_AUTH)
    list(APPEND features ${prefix}basic-auth)
  endif()
  if(CONFIG_OCPP_APPLICATION_SETTINGS GREATER 0)
    list(APPEND features ${prefix}settings)
  endif()
  if(CONFIG_OCPP_PROFILE_LOCAL_AUTH_LIST)
    list(APPEND features ${prefix}local-list)
  endif()
  if(CONFIG_OCPP_PROFILE_FIRMWARE_MGNT)
    list(APPEND features ${prefix}firmware-management)
  endif()
  if(CONFIG_OCPP_PROFILE_RESERVATION)
    list(APPEND features ${prefix}reservation)
  endif()
  list(JOIN features "," features)
  set(${out} ${features} PARENT_SCOPE)
endfunction()

# Builds zephyr/port as the imported library `name`, for an application in C.
function(ocpp_rust_library name)
  _ocpp_rust_features(features "")
  _ocpp_rust_static_library(${name}
    CRATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../port
    LIBRARY libocpp_port.a
    STD core
    ARGUMENTS --locked --no-default-features --features image,${features}
  )
endfunction()

# A copy of .config under a name that changes with what it says: the `zephyr` crate looks at
# .config again when the variable with its path changes, and only then.
function(_ocpp_rust_dotconfig out)
  file(SHA256 ${DOTCONFIG} hash)
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/rust/dotconfig-${hash})
  file(GLOB older ${CMAKE_CURRENT_BINARY_DIR}/rust/dotconfig-*)
  list(REMOVE_ITEM older ${copy})
  if(older)
    file(REMOVE ${older})
  endif()
  configure_file(${DOTCONFIG} ${copy} COPYONLY)
  set(${out} ${copy} PARENT_SCOPE)
endfunction()

# Makes the crate in `folder` this Rust application, its package called `rustapp`. It does what
# zephyr-lang-rust's rust_cargo_application() does, with two differences: the charge point's
# capacities and versions reach the build, and the toolchain is one that can build for this target.
# What it depends on of this repository it takes without default features, as those are a version.
function(ocpp_rust_application folder)
  get_target_property(include_dirs zephyr_interface INTERFACE_INCLUDE_DIRECTORIES)
  get_target_property(include_defines zephyr_interface INTERFACE_COMPILE_DEFINITIONS)
  # Both are split at spaces where they are read.
  list(JOIN include_dirs " " include_dirs)
  list(JOIN include_defines " " include_defines)
  set(wrapper ${CMAKE_CURRENT_BINARY_DIR}/rust/wrapper.c)
  _ocpp_rust_dotconfig(dotconfig)

  # What these generate is of this image, of which they do not tell cargo: in a folder of this image
  # they are other packages than in another one's, also where images share what cargo builds.
  set(crates ${CMAKE_CURRENT_BINARY_DIR}/rust/crates)
  file(MAKE_DIRECTORY ${crates})
  set(patches)
  foreach(crate zephyr zephyr-build zephyr-macros zephyr-sys)
    file(CREATE_LINK $CACHE{RUST_MODULE_DIR}/${crate} ${crates}/${crate} SYMBOLIC)
    if(NOT crate STREQUAL zephyr-macros)
      list(APPEND patches --config "patch.crates-io.${crate}.path=\"${crates}/${crate}\"")
    endif()
  endforeach()

  _ocpp_rust_features(features ocpp-port/)

  # Not --locked: the lock file also holds what the workspace's zephyr-lang-rust depends on.
  _ocpp_rust_static_library(rustapp
    CRATE ${folder}
    LIBRARY librustapp.a
    # `alloc` is linked by dependencies of the `zephyr` crate; nothing allocates.
    STD core,alloc
    ENVIRONMENT
      BUILD_DIR=${CMAKE_CURRENT_BINARY_DIR}
      ZEPHYR_BASE=${ZEPHYR_BASE}
      DOTCONFIG=${dotconfig}
      ZEPHYR_DTS=${ZEPHYR_DTS}
      "INCLUDE_DIRS=${include_dirs}"
      "INCLUDE_DEFINES=${include_defines}"
      WRAPPER_FILE=${wrapper}
      DT_AUGMENTS=${DT_AUGMENTS}
      BINARY_DIR_INCLUDE_GENERATED=${BINARY_DIR_INCLUDE_GENERATED}
    ARGUMENTS ${patches} --features ${features}
    BYPRODUCTS ${wrapper}
    # The headers that bindings are made of.
    DEPENDS offsets_h syscall_list_h_target driver_validation_h_target kobj_types_h_target
  )

  # The compiler's runtime before the library, which has functions of the same names.
  target_link_libraries(app PUBLIC
    $<TARGET_PROPERTY:linker,rt_library> -Wl,--allow-multiple-definition rustapp)
  add_dependencies(app rustapp_build)
  target_sources(app PRIVATE $CACHE{RUST_MODULE_DIR}/main.c ${wrapper})
endfunction()
