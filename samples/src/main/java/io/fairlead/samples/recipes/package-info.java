// SPDX-License-Identifier: Apache-2.0
/** Small recipes, each a program of its own. */
@NullMarked
package io.fairlead.samples.recipes;

import org.jspecify.annotations.NullMarked;
