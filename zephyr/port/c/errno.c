/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Error numbers belong to the C library: the host's differ from those of an embedded one. */

#include <errno.h>
#include <stdint.h>

/* In the order of `Error` in errno.rs. */
const int32_t ocpp_port_errors[] = {
	EACCES, EAGAIN, ENOMEM, EBUSY, EINVAL, EDEADLK, ENOTCONN, ETIMEDOUT, ENOTSUP, EIO,
	EWOULDBLOCK,
};
