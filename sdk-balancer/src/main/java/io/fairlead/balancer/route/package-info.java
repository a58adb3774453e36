// SPDX-License-Identifier: Apache-2.0
/**
 * Which instances of a service a call goes to: named subsets of them, rules in order, and what holds when none matches.
 * Immutable values with equality, whether code or a document made them. Nothing here says what is wrong while it is
 * made: {@link io.fairlead.balancer.route.Routes.Builder} checks the whole and names every problem at once.
 */
package io.fairlead.balancer.route;
