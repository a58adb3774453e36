// SPDX-License-Identifier: Apache-2.0
/** Outage drills: what happens to calls when instances and registries die, measured. */
@NullMarked
package io.fairlead.samples.drill;

import org.jspecify.annotations.NullMarked;
