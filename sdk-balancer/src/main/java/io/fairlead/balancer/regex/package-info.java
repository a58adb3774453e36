// SPDX-License-Identifier: Apache-2.0
/**
 * A small dialect of regular expressions that is matched in time linear in the text and takes bounded time and memory to
 * compile, whatever somebody wrote. Knows nothing of routes.
 */
package io.fairlead.balancer.regex;
