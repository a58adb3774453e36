// SPDX-License-Identifier: Apache-2.0
/** The demo. */
@NullMarked
package io.fairlead.samples.demo;

import org.jspecify.annotations.NullMarked;
