// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.balancer.route.Rule;

/**
 * One rule of a table: any of its alternatives must hold, each of which is all of its clauses.
 *
 * @param always whether it holds for every call
 */
record TableRule(Rule rule, Clause[][] alternatives, boolean always, Split split) {}
