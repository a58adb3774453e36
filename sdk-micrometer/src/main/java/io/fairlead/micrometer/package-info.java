// SPDX-License-Identifier: Apache-2.0
/** What a balancer counts, as Micrometer's meters. */
@NullMarked
package io.fairlead.micrometer;

import org.jspecify.annotations.NullMarked;
