// SPDX-License-Identifier: Apache-2.0
/** Virtual time, a fault proxy, and contract suites for backends and policies. */
@NullMarked
package io.fairlead.testkit;

import org.jspecify.annotations.NullMarked;
