/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * The central system that pytest brings does what a test tells it, and tells what it has seen.
 * Commands are the methods of pytest/commands.py.
 */

#ifndef CENTRAL_SYSTEM_H_
#define CENTRAL_SYSTEM_H_

#include <zephyr/ztest.h>

/**
 * Sends a command and returns the answer, which is good until the next one.
 */
const char *cs(const char *command, ...);

/** The command is answered so. */
#define cs_expect(want, ...)                                                                       \
	do {                                                                                       \
		const char *got_ = cs(__VA_ARGS__);                                                \
		zassert_str_equal(got_, want, "the central system says: %s", got_);                \
	} while (0)

/** The answer to the command begins so. */
#define cs_expect_begin(want, ...)                                                                 \
	do {                                                                                       \
		const char *got_ = cs(__VA_ARGS__);                                                \
		zassert_ok(strncmp(got_, want, strlen(want)), "the central system says: %s",       \
			   got_);                                                                  \
	} while (0)

/** The command is carried out. */
#define cs_do(...) cs_expect("ok", __VA_ARGS__)

/** What the charge point answers to a request that it carries out. */
#define ACCEPTED "result {\"status\":\"Accepted\"}"

#endif /* CENTRAL_SYSTEM_H_ */
