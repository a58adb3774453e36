// SPDX-License-Identifier: Apache-2.0
/** JMH benchmarks, and baselines that import nothing of ours. */
@NullMarked
package io.fairlead.benchmarks;

import org.jspecify.annotations.NullMarked;
