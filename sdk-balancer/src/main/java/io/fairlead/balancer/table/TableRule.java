// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.balancer.route.Rule;

/**
 * One rule of a table: any of its alternatives must hold, each of which is all of its clauses.
 *
 * @param always whether it holds for every call
 * @param never whether it can hold for none that this process makes
 */
record TableRule(Rule rule, Clause[][] alternatives, boolean always, boolean never, Split split) {}
