/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * The verdict, without the end of the process that follows it on native_sim: the reader of the
 * console would miss the last lines of a process that has ended.
 */

#ifndef TC_UTIL_USER_OVERRIDE_H_
#define TC_UTIL_USER_OVERRIDE_H_

#define TC_END_REPORT(result)                                                                      \
	do {                                                                                       \
		PRINT_LINE;                                                                        \
		TC_PRINT_RUNID;                                                                    \
		TC_END(result, "PROJECT EXECUTION %s\n",                                           \
		       (result) == TC_PASS ? "SUCCESSFUL" : "FAILED");                             \
	} while (false)

#endif /* TC_UTIL_USER_OVERRIDE_H_ */
