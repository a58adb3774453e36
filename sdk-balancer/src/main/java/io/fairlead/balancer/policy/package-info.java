// SPDX-License-Identifier: Apache-2.0
/**
 * The balancing policies. Each is found by its name; those with options are also made by hand and given to {@code
 * FairleadBuilder.policy(service, policy)}, as in {@code new RingHashPolicy().keyedBy(StickyKey.cookie("sid"))}.
 */
package io.fairlead.balancer.policy;
