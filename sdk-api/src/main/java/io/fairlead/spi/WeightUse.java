// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

/** What a policy's pickers do with weights. */
public enum WeightUse {
    /** Weights count beside load or a key's place, which correct what weights get wrong. */
    BESIDE_LOAD,
    /** Shares are in proportion to weights, and nothing corrects them. */
    ALONE,
    /** All count the same. */
    IGNORED
}
