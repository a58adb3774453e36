// SPDX-License-Identifier: Apache-2.0
/**
 * What the hardware allows: the least that any balancer or breaker of a kind has to do, over plain arrays. Nothing here
 * imports anything of Fairlead, and no file has more than 40 lines.
 */
package io.fairlead.benchmarks.baselines;
