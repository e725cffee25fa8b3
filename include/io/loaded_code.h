/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The code of the program and its libraries in memory.
 *
 * Two dozen libraries come with libcurl and libmicrohttpd (Kerberos, LDAP, GnuTLS, ...), and loading them
 * touches megabytes that are not run again.
 */
#ifndef IO_LOADED_CODE_H
#define IO_LOADED_CODE_H

/*
 * Give back the pages of code that are in memory now. Those that are run later come back by themselves, from
 * the page cache or the file. Code is never written to, so nothing is lost; a debugger's breakpoints would
 * be.
 */
void loaded_code_drop(void);

#endif
